package process_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func asIs(line string) string { return line }

// TestNoHalfOfASecret: a line is cut after it was masked.
func TestNoHalfOfASecret(t *testing.T) {
	t.Parallel()
	mask := strings.NewReplacer("hunter22", "***").Replace
	for n := 290; n < 300; n++ {
		got := process.Reasons(1, mask, write(t, strings.Repeat("x", n)+"hunter22 ERROR\n"))
		if len(got) != 1 || strings.Contains(got[0], "hu") {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"an exception keeps its causes and loses its frames": {
			"2020-01-01 INFO  AlluxioMaster - starting\n2020-01-01 ERROR AlluxioMaster - Uncaught exception while running, " +
				"exiting.\n" +
				"java.lang.RuntimeException: cannot bind\n\tat alluxio.A.b(A.java:1)\nCaused by: java.net.BindException: Address " +
				"already in use\n\t... 3 more\n",
			[]string{"2020-01-01 ERROR AlluxioMaster - Uncaught exception while running, exiting.",
				"java.lang.RuntimeException: cannot bind", "Caused by: java.net.BindException: Address already in use"},
		},
		"the JVM's own words": {
			"Error: Could not find or load main class alluxio.master.AlluxioMaster\nCaused by: " +
				"java.lang.ClassNotFoundException: alluxio.master.AlluxioMaster\n",
			[]string{"Error: Could not find or load main class alluxio.master.AlluxioMaster",
				"Caused by: java.lang.ClassNotFoundException: alluxio.master.AlluxioMaster"},
		},
		"a flag the JVM does not know": {
			"Unrecognized VM option 'Foo'\nError: Could not create the Java Virtual Machine.\n",
			[]string{"Unrecognized VM option 'Foo'", "Error: Could not create the Java Virtual Machine."},
		},
		"the JVM's free words behind its failure": {
			"stdout of somebody\nError occurred during initialization of VM\nInitial heap size set to a larger value " +
				"than the maximum heap size\n",
			[]string{"Error occurred during initialization of VM",
				"Initial heap size set to a larger value than the maximum heap size"},
		},
		"the JVM's free words before it gives up": {
			"2020-01-01 12:00:00,000 INFO  X - all is well\nThe Java thread stack size specified is too small. " +
				"Specify at least 136k\nError: Could not create the Java Virtual Machine.\n",
			[]string{"The Java thread stack size specified is too small. Specify at least 136k",
				"Error: Could not create the Java Virtual Machine."},
		},
		"information is no cause": {
			"2020-01-01 12:00:00,123 INFO  AlluxioMaster - JVM options -XX:+ExitOnOutOfMemoryError, " +
				"java.lang.Error\n[0.1s][info][gc] OutOfMemoryError\n" +
				"[2020-01-01T12:00:00.000+0000] DEBUG x IOException\n2020-01-01 12:00:00,123 WARN  Raft - " +
				"java.io.IOException: closed\n",
			[]string{"2020-01-01 12:00:00,123 WARN  Raft - java.io.IOException: closed"},
		},
		"no memory for the JVM": {
			"OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x1, 2, 0) failed; error='Not enough space' " +
				"(errno=12)\n#\n# There is insufficient memory.\n",
			[]string{"OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x1, 2, 0) failed; error='Not enough " +
				"space' (errno=12)", "# There is insufficient memory."},
		},
		"a full disk": {"one\nlog4j: No space left on device\ntwo\n", []string{"log4j: No space left on device"}},
		"our own log does not count": {
			"{\"level\":\"info\",\"message\":\"an Error\"}\n2026-01-01T00:00:00Z INF -XX:+ExitOnOutOfMemoryError\nERROR " +
				"theirs\n", []string{"ERROR theirs"},
		},
		"nothing telling: the last lines": {"one\ntwo\n\nthree\n", []string{"one", "two", "three"}},
		"only the last of many": {strings.Repeat("x ERROR a\ny ERROR b\n", 10),
			[]string{"y ERROR b", "x ERROR a", "y ERROR b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := process.Reasons(3, asIs, write(t, c.log)); !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

// What the Java of this machine says about options that it cannot take: the line with the cause is
// always among those that are kept.
func TestTheWordsOfAGenuineJVMAreKept(t *testing.T) {
	t.Parallel()
	java, err := exec.LookPath("java")
	if err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]string{
		"-Xms4g -Xmx532m":                      "Initial heap size set to a larger value",
		"-XX:+UseG1GC -XX:+UseParallelGC":      "ultiple garbage collectors selected",
		"-Xmx1k":                               "Too small maximum heap",
		"-Xmx532q":                             "-Xmx532q",
		"-XX:NoSuch":                           "NoSuch",
		"-agentlib:nosuch":                     "nosuch",
		"-javaagent:/nosuch.jar":               "/nosuch.jar",
		"-XX:MaxDirectMemorySize=x":            "MaxDirectMemorySize=x",
		"-Xss1k":                               "stack size specified is too small",
		"-XX:ReservedCodeCacheSize=1k":         "ReservedCodeCacheSize",
		"-Xlog:gc:file=/nonexistent/folder/gc": "/nonexistent/folder/gc",
		"-Xmx100000g":                          "Could not reserve enough space",
	} {
		out, err := exec.Command(java, append(strings.Fields(options), "Main")...).CombinedOutput()
		if err == nil {
			t.Errorf("%s: it runs", options)
		}
		got := process.Reasons(8, asIs, write(t, "stdout of the JVM\n2020-01-01 12:00:00,123 INFO  Main "+
			"- begin\n"+string(out)))
		if !strings.Contains(strings.Join(got, "\n"), want) || strings.Contains(strings.Join(got, "\n"), "INFO  Main") {
			t.Errorf("%s: the JVM says %q, kept is %q", options, out, got)
		}
	}
}

func TestReasonsTakesTheFirstLogThatSaysSomething(t *testing.T) {
	t.Parallel()
	quiet, loud := write(t, "INFO all is well\n"), write(t, "ERROR it is not\n")
	if got := process.Reasons(5, asIs, quiet, "/nowhere", loud); !slices.Equal(got, []string{"ERROR it is not"}) {
		t.Errorf("got %q", got)
	}
	if got := process.Reasons(5, asIs, "/nowhere", quiet, write(t, "so it goes\n")); !slices.Equal(got,
		[]string{"so it goes"}) {
		t.Errorf("got %q", got)
	}
	if got := process.Reasons(5, asIs); got != nil {
		t.Errorf("got %q", got)
	}
}

// TestTheReasonsOfALongLogAreAtItsEnd: only the end of a log is read.
func TestTheReasonsOfALongLogAreAtItsEnd(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef\n", 20000)
	if got := process.Reasons(2, asIs, write(t, "ERROR long ago\n"+long+"ERROR now\n")); !slices.Equal(got,
		[]string{"ERROR now"}) {
		t.Errorf("got %q", got)
	}
	if got := process.Reasons(1, asIs, write(t, "ERROR long ago\n"+long)); !slices.Equal(got,
		[]string{"0123456789abcdef"}) {
		t.Errorf("got %q", got)
	}
}

// FuzzReasons: whatever a log holds, lines are clean, bounded and few.
func FuzzReasons(f *testing.F) {
	f.Add([]byte("a\xff\x00b\r\n\x1b[31mERROR red\n"))
	f.Add([]byte(strings.Repeat("ä", 400)))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		lines := process.Reasons(4, asIs, path)
		if len(lines) > 4 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, l := range lines {
			if l == "" || len(l) > 310 || !utf8.ValidString(l) || strings.ContainsAny(l, "\n\r\t\x00\x1b") {
				t.Fatalf("line %q", l)
			}
		}
	})
}
