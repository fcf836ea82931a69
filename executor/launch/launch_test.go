package launch

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

func example() *Spec {
	return &Spec{
		Version: SchemaVersion, Slot: "alluxio-worker-3", Role: config.Worker, Cluster: "f1", Host: "a",
		Site:      []config.Property{{Key: "aws.secretKey", Value: "geheim ü\u2028\x00", Source: "site:1"}},
		Files:     []config.File{{Name: "log4j.properties", Data: []byte{0, 0xff}}},
		Ports:     map[config.PortName]uint16{config.WorkerRPC: 29999},
		Endpoints: map[config.Role][]Address{config.Master: {{Host: "m", RPC: 19998, Web: 19999}}},
		Memory:    Memory{Heap: config.GB}, JavaOpts: []string{"-Dx=y z"}, KillGrace: time.Second, StartTimeout: time.Minute,
	}
}

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	t.Parallel()
	data, err := example().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Decode(data); err != nil || !reflect.DeepEqual(again, example()) {
		t.Errorf("%v: %+v", err, again)
	}
	report := Report{Version: SchemaVersion, Phase: "fetching 40 %", JournalFormatted: "a:/j", Warnings: []string{"w"}}
	if again := DecodeReport(report.Encode()); !reflect.DeepEqual(again, report) {
		t.Errorf("%+v", again)
	}
}

// Executors and schedulers of earlier versions know the addresses of the masters as "masters".
func TestMastersAreReadAndWrittenAsEarlierVersionsKnowThem(t *testing.T) {
	t.Parallel()
	spec, err := Decode([]byte(`{"version":1,"role":"alluxio-worker","masters":[{"host":"m","rpc":1,"web":2}]}`))
	if err != nil || AddressText(spec.Masters()) != "m:1" {
		t.Errorf("of an earlier scheduler: %+v, %v", spec, err)
	}
	data, err := example().Encode()
	if err != nil || !bytes.Contains(data, []byte(`"masters":[{"host":"m","rpc":19998,"web":19999}]`)) {
		t.Errorf("for an earlier executor: %s, %v", data, err)
	}
}

func TestASpecThatCannotRunIsRefusedByName(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ data, says string }{
		"nothing":                    {"", "EOF"},
		"no JSON":                    {"<html>", "invalid character"},
		"of another type":            {`{"version":1,"role":7}`, "cannot unmarshal"},
		"without a version":          {`{"role":"alluxio-worker"}`, "version 0 is unknown"},
		"of a version yet to come":   {`{"version":3,"role":"alluxio-worker"}`, "version 3 is unknown to this executor"},
		"of a role that is not ours": {`{"version":1,"role":"alluxio-fuse"}`, `unknown role "alluxio-fuse"`},
		"packed without a content":   {`{"version":2,"role":"alluxio-worker"}`, "EOF"},
		"packed in another way":      {`{"version":2,"role":"alluxio-worker"}PK`, "EOF"},
		"larger than any":            {strings.Repeat(" ", MaxSize+1), "at most 262144 are allowed"},
	} {
		if spec, err := Decode([]byte(c.data)); err == nil || spec != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestNewsThatNoSchedulerHasWrittenAreRefused(t *testing.T) {
	t.Parallel()
	masters := []Address{{Host: "a", RPC: 1, Web: 2, Raft: 3}, {Host: "b", RPC: 4, Web: 5, Raft: 6}}
	if masterUpdate, err := DecodeMasterUpdate(MasterUpdate{Masters: masters}.Encode()); err != nil ||
		!reflect.DeepEqual(masterUpdate.Masters, masters) {
		t.Errorf("%+v, %v", masterUpdate, err)
	}
	for data, says := range map[string]string{
		"": "unexpected end", "hello": "invalid character", `{"masters":[{}]}`: "version 0",
		`{"version":9,"masters":[{}]}`: "version 9 is unknown",
		`{"version":1}`:                "names no Alluxio master", strings.Repeat(" ", MaxSize+1): "at most 262144",
	} {
		if _, err := DecodeMasterUpdate([]byte(data)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.20q: %v", data, err)
		}
	}
	if got := AddressText(masters[:1]) + " " + AddressText(masters); got != "a:1 a:1/2/3,b:4/5/6" {
		t.Errorf("%s", got)
	}
}

// FuzzSpec: what arrives at an executor is refused, or is a Spec that survives another journey.
func FuzzSpec(f *testing.F) {
	data, err := example().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	large := example()
	large.Files[0].Data = bytes.Repeat([]byte("x"), MaxSize)
	if data, err = large.Encode(); err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"role":"alluxio-master","killGrace":-1}{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := Decode(data)
		if err != nil {
			return
		}
		first, err := spec.Encode()
		if errors.Is(err, ErrTooLarge) { // escapes can be longer than what they stand for
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(first)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v: %s\nis then %s", err, first, second)
		}
	})
}

// FuzzReport: an executor's report never ends the scheduler, whatever is in it.
func FuzzReport(f *testing.F) {
	f.Add(Report{Phase: "serving", Warnings: []string{"w"}}.Encode())
	f.Add([]byte(`{"version":1e9}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first := DecodeReport(data).Encode()
		if second := DecodeReport(first).Encode(); !bytes.Equal(first, second) {
			t.Errorf("%s\nis then %s", first, second)
		}
	})
}
