package e2e

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// earlierReader is built against the packages of the version before, and calls them.
//
//go:embed testdata/earlier/main.go
var earlierReader []byte

// readByEarlier returns what the code of the version before reads from data, as JSON says it.
func readByEarlier(t *testing.T, data any, args ...string) (value map[string]any, err error) {
	t.Helper()
	reader, err := clitest.BuildAgainstCommit(t.Context(), earlier, earlierReader)
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	read := exec.CommandContext(t.Context(), reader, args...)
	read.Stdin = bytes.NewReader(in)
	var message bytes.Buffer
	read.Stderr = &message
	out, err := read.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, message.Bytes())
	}
	return value, json.Unmarshal(out, &value)
}

// unknownToEarlier are the fields of a LaunchSpec that executors of the version before do not know.
var unknownToEarlier = []string{"framework", "endpoints", "folders", "siteFolder", "install.JDKPathSet",
	"ramdisk.Disk", "journal.servedBy", "journal.format"}

// TestAnExecutorOfTheVersionBeforeDecodesTodaysLaunchSpec: the agents of a cluster may start it for a
// task of this version.
func TestAnExecutorOfTheVersionBeforeDecodesTodaysLaunchSpec(t *testing.T) {
	t.Parallel()
	for _, role := range []config.Role{config.Master, config.Worker} {
		spec := &launch.Spec{}
		fill(reflect.ValueOf(spec).Elem())
		spec.Version, spec.Role, spec.Election = launch.SchemaVersion, role, config.ByJournal
		spec.Endpoints = map[config.Role][]launch.Address{
			config.Master:        {{Host: "a", RPC: 1, Web: 2, Raft: 3}, {Host: "b", RPC: 4, Web: 5, Raft: 6}},
			"alluxio-job-master": {{Host: "a", RPC: 7}},
		}
		data, err := spec.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var written map[string]any
		if err := json.Unmarshal(data, &written); err != nil {
			t.Fatal(err)
		}
		decoded, err := readByEarlier(t, json.RawMessage(data), "spec")
		if err != nil {
			t.Fatal(err)
		}
		want, got := leaves(written), leaves(decoded)
		for path, value := range want {
			unknown := slices.ContainsFunc(unknownToEarlier, func(field string) bool {
				return path == field || strings.HasPrefix(path, field+".")
			})
			if !unknown && !reflect.DeepEqual(got[path], value) {
				t.Errorf("%s: %s is %v and is decoded as %v", role, path, value, got[path])
			}
		}
		for path, value := range got {
			if _, known := want[path]; !known {
				t.Errorf("%s: %s is decoded as %v, and was not written", role, path, value)
			}
		}
		if len(written["masters"].([]any)) != 2 {
			t.Errorf("%s: the masters are %v", role, written["masters"])
		}
	}
}

// fill sets everything in v to something that is not its zero value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("some " + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(7)
	case reflect.Float64:
		v.SetFloat(7)
	}
}

// leaves are the values in an object by their path; lists are values.
func leaves(object map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range object {
		inner, ok := value.(map[string]any)
		if !ok {
			all[name] = value
			continue
		}
		for path, leaf := range leaves(inner) {
			all[name+"."+path] = leaf
		}
	}
	return all
}

// TestTheVersionBeforeReadsTheRowsThatThisVersionSaves gives the rows of states of the version before,
// as they are and as this version saves them (scheduler/cluster/testdata/earlier), to the code of the
// version before. It sees the same cluster in both: the same tasks, hosts, ports, volumes and journals, and
// nothing to restart. It does not overlook a row of a kind that it does not know.
func TestTheVersionBeforeReadsTheRowsThatThisVersionSaves(t *testing.T) {
	t.Parallel()
	for name, site := range map[string]string{
		"volumes": "alluxio.integration.mesos.role=alluxio\nalluxio.integration.mesos.worker.count=7\n" +
			"alluxio.integration.master.volume.size=1GB\nalluxio.integration.worker.volume.size=10GB\n" +
			`alluxio.integration.worker.constraints=[["rack","LIKE","r.*"]]`,
		"three-masters": "alluxio.integration.mesos.master.node.count=3\nalluxio.master.journal.type=EMBEDDED\n" +
			"alluxio.integration.mesos.worker.count=1",
		"teardown": "alluxio.integration.mesos.role=alluxio\nalluxio.integration.mesos.worker.count=1\n" +
			"alluxio.integration.worker.volume.size=10GB",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := t.TempDir()
			site = "alluxio.integration.mesos.alluxio.jar.url=LOCAL\n" + site
			if err := os.WriteFile(filepath.Join(conf, config.SiteFile), []byte(site), 0o600); err != nil {
				t.Fatal(err)
			}
			scheduler := filepath.Join(clitest.Repository(), "scheduler")
			earlierRows := rowsOf(t, filepath.Join(scheduler, "store/testdata/bbac074-"+name+".json"))
			today := rowsOf(t, filepath.Join(scheduler, "cluster/testdata/earlier", name+".json"))
			before, err := readByEarlier(t, earlierRows, "rows", conf)
			if err != nil {
				t.Fatal(err)
			}
			for key := range today { // a kind of its own since; an overlooked one would be lost
				if strings.HasPrefix(key, "destroy/") {
					_, err := readByEarlier(t, map[string]any{key: today[key]}, "rows", conf)
					if err == nil || !strings.Contains(err.Error(), key) {
						t.Errorf("the row %s is overlooked: %v", key, err)
					}
					delete(today, key)
				}
			}
			after, err := readByEarlier(t, today, "rows", conf)
			if err != nil {
				t.Fatal(err)
			}
			was, is := slotsIn(before), slotsIn(after)
			if len(was) == 0 || len(is) != len(was) {
				t.Fatalf("%d slots became %d", len(was), len(is))
			}
			for i := range was {
				if !reflect.DeepEqual(was[i], is[i]) {
					t.Errorf("this slot\n%v\nbecame\n%v", was[i], is[i])
				}
			}
			if !reflect.DeepEqual(before["framework"], after["framework"]) {
				t.Errorf("%v\nbecame\n%v", before["framework"], after["framework"])
			}
			if after["rollout"] != nil {
				t.Errorf("it would restart tasks: %v", after["rollout"])
			}
		})
	}
}

// slotsIn are the slots of a status without their warnings: the settings of this test are others than
// those of the tasks, which the version before sees only in fingerprints of its own.
func slotsIn(status map[string]any) []any {
	slots, _ := status["slots"].([]any)
	for _, slot := range slots {
		delete(slot.(map[string]any), "warnings")
	}
	return slots
}

func rowsOf(t *testing.T, file string) (rows map[string]json.RawMessage) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &rows)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
