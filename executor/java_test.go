package executor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// The test binary plays the JVM when it is called java; what it does is in -Dfake.* options. Called executor it is one.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "executor" {
		err := Run(context.Background(),
			Config{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Log: zerolog.New(os.Stderr)})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if filepath.Base(os.Args[0]) == "java" {
		begun := time.Now()
		os.Exit(fakeJVM(begun, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeJVM serves what a test needs of an Alluxio master or worker: its web port.
func fakeJVM(begun time.Time, args []string) int {
	option := map[string]string{}
	for _, a := range args {
		name, value, _ := strings.Cut(strings.TrimPrefix(a, "-D"), "=")
		option[name] = value
	}
	if folder := option["fake.shell"]; folder != "" {
		if at := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "alluxio.cli.fs") }); at >= 0 {
			return fakeShell(folder, args[:at], args[at+1:])
		}
	}
	if path := option["fake.record"]; path != "" {
		record := fmt.Sprintf("%d\n%s\n%s\npid %d\n", begun.UnixNano(), strings.Join(args, " "),
			strings.Join(os.Environ(), "\n"), os.Getpid())
		if err := os.WriteFile(path+".new", []byte(record), 0o600); err != nil || os.Rename(path+".new", path) != nil {
			return 99
		}
	}
	if len(args) > 1 && args[len(args)-2] == "alluxio.cli.Format" {
		return fakeFormat(option)
	}
	fmt.Println("stdout of the fake JVM")
	fmt.Fprintln(os.Stderr, "stderr of the fake JVM")
	if option["fake.log"] != "" {
		_ = os.WriteFile(filepath.Join(option["alluxio.logs.dir"], "master.log"),
			[]byte("INFO begin\nERROR "+option["fake.log"]+"\n"), 0o600)
	}
	if option["fake"] == "chatty" {
		for i := range 50_000 {
			fmt.Printf("%099d\n", i)
			fmt.Fprintf(os.Stderr, "%099d\n", i)
		}
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	switch option["fake"] {
	case "exit":
		fmt.Fprintln(os.Stderr, "Error: Could not create the Java Virtual Machine.")
		return 3
	case "unformatted":
		fmt.Fprintln(os.Stderr,
			`Exception in thread "main" java.lang.RuntimeException: Journal hdfs://nn/journal/BlockMaster/v1 has not been `+
				`formatted!`)
		return 1
	case "mute":
		<-stop
		return 143
	}
	l, err := net.Listen("tcp", option["fake.web"])
	if err != nil {
		fmt.Fprintln(os.Stderr, "java.net.BindException:", err)
		return 1
	}
	if option["fake"] == "standby" { // until a file is there
		l = &standby{l, option["fake.lead"]}
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "webui_browse") {
				answerForRoot(w, r, option["fake.root"])
				return
			}
			if workers, err := os.ReadFile(filepath.Join(option["fake.shell"], "workers")); err == nil {
				fmt.Fprintf(w, `{"startTimeMs":1,"workers":[%s]}`, workers)
				return
			}
			fmt.Fprint(w, `{"workers":[]}`)
		}))
	}()
	if option["fake"] == "stubborn" {
		for range stop {
		}
	}
	<-stop
	return 143
}

// answerForRoot is what Alluxio 2.9.6 answers when it is asked for the root: with one, without one,
// or as is asked for.
func answerForRoot(w http.ResponseWriter, r *http.Request, root string) {
	switch root {
	case "missing":
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w,
			`{"message":"Cannot invoke \"alluxio.master.file.meta.Inode.getId()\" because \"inode\" is `+
				`null","statusCode":"INTERNAL"}`)
	case "off":
		fmt.Fprint(w, `{"currentPath":null}`)
	case "forbidden":
		w.WriteHeader(http.StatusForbidden)
	case "slow":
		<-r.Context().Done()
	default:
		fmt.Fprint(w, `{"currentPath":"/.alluxio-mesos-asks-for-the-root","invalidPathError":"Error: Invalid Path"}`)
	}
}

// standby closes every connection at once, as a master of Alluxio 2.x that does not lead, until the file lead is there.
type standby struct {
	net.Listener
	lead string
}

func (s *standby) Accept() (net.Conn, error) {
	for {
		conn, err := s.Listener.Accept()
		if err != nil || isFile(s.lead) {
			return conn, err
		}
		_ = conn.Close()
	}
}

// fakeFormat fills the journal folder of the site file, or fails half-way.
func fakeFormat(option map[string]string) int {
	site, err := os.ReadFile(filepath.Join(option["alluxio.conf.dir"], "alluxio-site.properties"))
	if err != nil {
		return 98
	}
	folder := ""
	for line := range strings.Lines(string(site)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "alluxio.master.journal.folder="); ok {
			folder = v
		}
	}
	fmt.Println("formatting", folder)
	if strings.Contains(folder, "://") {
		return 0
	}
	if os.RemoveAll(folder) != nil || os.MkdirAll(folder, 0o700) != nil {
		return 97
	}
	if os.WriteFile(filepath.Join(folder, "half"), nil, 0o600) != nil {
		return 96
	}
	if option["fake.format"] == "fail" {
		fmt.Println("java.io.IOException: No space left on device")
		return 1
	}
	if os.WriteFile(filepath.Join(folder, "_format_1"), []byte(time.Now().String()), 0o600) != nil {
		return 95
	}
	return 0
}
