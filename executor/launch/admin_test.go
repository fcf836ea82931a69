package launch

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/config"
)

func exampleRequest() AdminRequest {
	return AdminRequest{Version: SchemaVersion, Kind: adminRequestKind, ID: "alluxio-worker-3.2_persist-1",
		Operation: AdminPersist, Worker: Address{Host: "10.0.0.7", RPC: 29999, Web: 30000}, Within: time.Minute,
		PersistAll: true, StuckAfter: time.Hour, ClientRefresh: 10 * time.Second, IdleFor: time.Second}
}

func exampleBackup() AdminRequest {
	return AdminRequest{Version: SchemaVersion, Kind: adminRequestKind, ID: "backup-1", Operation: AdminBackup,
		Within: time.Hour, Dir: "/backups", Keep: 5}
}

func exampleAnswer() AdminAnswer {
	open := FileCount{}
	open.Add("/a file\nof \"two\" lines, ü", 7*config.MB)
	return AdminAnswer{Version: SchemaVersion, Kind: adminAnswerKind, ID: "1", State: AdminRunning, Message: "listing",
		Files:        &FilesResult{Listed: 3, Open: open},
		Decommission: &DecommissionResult{Decommissioned: true},
		Backup: &BackupResult{File: "/backups/a.gz", Host: "a", Bytes: 1, Took: time.Second, AlluxioVersion: "2.9.6",
			Deleted: 2}}
}

func TestAdminMessagesAreDecodedAsTheyWereEncoded(t *testing.T) {
	t.Parallel()
	for _, r := range []AdminRequest{exampleRequest(), exampleBackup()} {
		message, err := DecodeMessage(r.Encode())
		if err != nil || message.MasterUpdate != nil || !reflect.DeepEqual(*message.AdminRequest, r) {
			t.Errorf("%v: %+v", err, message)
		}
	}
	if answer, err := DecodeAdminAnswer(exampleAnswer().Encode()); err != nil ||
		!reflect.DeepEqual(answer, exampleAnswer()) {
		t.Errorf("%v: %+v", err, answer)
	}
	report := Report{Version: SchemaVersion, Admin: []AdminOperation{AdminPersist}}
	if again := DecodeReport(report.Encode()); !reflect.DeepEqual(again, report) {
		t.Errorf("%+v", again)
	}
}

func TestAMasterUpdateIsAMessageWithoutAKind(t *testing.T) {
	t.Parallel()
	message, err := DecodeMessage([]byte(`{"version":1,"masters":[{"host":"a","rpc":1,"web":2}]}`))
	if err != nil || message.AdminRequest != nil || AddressText(message.MasterUpdate.Masters) != "a:1" {
		t.Errorf("%+v, %v", message, err)
	}
}

// Executors of earlier versions take every message for a MasterUpdate: they ignore one that fails.
func TestEarlierExecutorsIgnoreAnAdminRequest(t *testing.T) {
	t.Parallel()
	if _, err := DecodeMasterUpdate(exampleRequest().Encode()); err == nil {
		t.Error("an AdminRequest is read as a MasterUpdate")
	}
}

func TestAMessageThatNoSchedulerWritesIsRefused(t *testing.T) {
	t.Parallel()
	changed := func(change func(r *AdminRequest)) string {
		r := exampleRequest()
		change(&r)
		return string(r.Encode())
	}
	backup := func(change func(r *AdminRequest)) string {
		r := exampleBackup()
		change(&r)
		return string(r.Encode())
	}
	for sentence, c := range map[string]struct{ data, says string }{
		"a backup into nothing":    {backup(func(r *AdminRequest) { r.Dir = "" }), `"" is no folder`},
		"a backup without a root":  {backup(func(r *AdminRequest) { r.Dir = "-d" }), `"-d" is no folder`},
		"a backup into the root":   {backup(func(r *AdminRequest) { r.Dir = "/" }), `"/" is no folder`},
		"a backup upwards":         {backup(func(r *AdminRequest) { r.Dir = "/a/../b" }), "is no folder"},
		"a backup that none stays": {backup(func(r *AdminRequest) { r.Keep = 0 }), "0 backups are to be kept"},
		"a backup without an end":  {backup(func(r *AdminRequest) { r.Within = 0 }), "deadline 0s"},
		"nothing":                  {"", "unexpected end"},
		"too large":                {strings.Repeat(" ", MaxSize+1), "at most 262144"},
		"of an unknown kind":       {`{"version":1,"kind":"later"}`, `kind "later" is unknown`},
		"no masters":               {`{"version":1}`, "names no Alluxio master"},
		"a later version":          {`{"version":2,"kind":"adminRequest"}`, "version 2 is unknown"},
		"of another type":          {`{"version":1,"kind":"adminRequest","within":"1m"}`, "cannot unmarshal"},
		"without an ID":            {changed(func(r *AdminRequest) { r.ID = "" }), `"" is no ID`},
		"with a long ID":           {changed(func(r *AdminRequest) { r.ID = strings.Repeat("x", 65) }), "is no ID"},
		"with a path as ID":        {changed(func(r *AdminRequest) { r.ID = "../x" }), "is no ID"},
		"without operation":        {changed(func(r *AdminRequest) { r.Operation = "" }), "is no operation"},
		"without a host":           {changed(func(r *AdminRequest) { r.Worker.Host = "" }), "is no host"},
		"an option as host":        {changed(func(r *AdminRequest) { r.Worker.Host = "-d" }), "is no host"},
		"two hosts":                {changed(func(r *AdminRequest) { r.Worker.Host = "a,b" }), "is no host"},
		"without a web port":       {changed(func(r *AdminRequest) { r.Worker.Web = 0 }), "no web port"},
		"without a deadline":       {changed(func(r *AdminRequest) { r.Within = 0 }), "deadline 0s"},
		"with a late end":          {changed(func(r *AdminRequest) { r.Within = 25 * time.Hour }), "deadline 25h"},
		"a negative wait":          {changed(func(r *AdminRequest) { r.IdleFor = -1 }), "the wait -1ns"},
		"a long refresh":           {changed(func(r *AdminRequest) { r.ClientRefresh = 2 * time.Hour }), "the wait 2h"},
	} {
		if message, err := DecodeMessage([]byte(c.data)); err == nil || message != (Message{}) ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestAnAnswerThatNoExecutorWritesIsRefused(t *testing.T) {
	t.Parallel()
	for data, says := range map[string]string{
		"": "unexpected end", `{"version":1,"id":"1","state":"done"}`: `of the kind ""`,
		`{"version":2,"kind":"adminAnswer","id":"1","state":"done"}`:                        "version 2 is unknown",
		`{"version":1,"kind":"adminAnswer","state":"done"}`:                                 "is no ID",
		`{"version":1,"kind":"adminAnswer","id":"1","state":"x"}`:                           `state "x" is unknown`,
		`{"version":1,"kind":"adminAnswer","id":"1","state":"done","files":{"listed":-1}}`:  "negative",
		`{"version":1,"kind":"adminAnswer","id":"1","state":"done","backup":{"file":"/a"}}`: "no size",
		strings.Repeat(" ", MaxSize+1):                                                      "too large",
	} {
		if answer, err := DecodeAdminAnswer([]byte(data)); err == nil || !reflect.DeepEqual(answer, AdminAnswer{}) ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v", data, err)
		}
	}
}

func TestAnAnswerIsBoundedWhateverFilesAreCalled(t *testing.T) {
	t.Parallel()
	var count FileCount
	for range 1000 {
		count.Add(strings.Repeat("\x01ü\xff", 100000), config.GB)
	}
	if count.Files != 1000 || count.Bytes != 1000*config.GB || len(count.Names) != MaxNames ||
		len(count.Names[0]) > maxName || !utf8.ValidString(count.Names[0]) {
		t.Errorf("%d files, %v, %d names, the first has %d bytes", count.Files, count.Bytes, len(count.Names),
			len(count.Names[0]))
	}
	answer := AdminAnswer{ID: "1", State: AdminFailed, Message: strings.Repeat("ü", 100000), Files: &FilesResult{
		Found: count, Persisted: count, Failed: count, Unpersisted: count, Open: count, Lost: count,
		Copied: count, Abandoned: count}}
	if data := answer.Encode(); len(data) > 128<<10 {
		t.Errorf("it has %d bytes", len(data))
	} else if again, err := DecodeAdminAnswer(data); err != nil || len(again.Message) > maxAdminMessage ||
		!strings.HasSuffix(again.Message, "ü…") {
		t.Errorf("%v: %q", err, again.Message)
	}
	brief := answer.Brief()
	if data := brief.Encode(); len(data) > 16<<10 || brief.Files.Found.Files != 1000 ||
		len(brief.Files.Found.Names) != 1 ||
		len(answer.Files.Found.Names) != MaxNames {
		t.Errorf("the brief answer has %d bytes, and %+v", len(data), brief.Files.Found)
	}
}

func TestOnlyACompleteListWithoutFilesIsEmpty(t *testing.T) {
	t.Parallel()
	one := FileCount{Files: 1}
	for _, c := range []struct {
		result FilesResult
		empty  bool
	}{
		{FilesResult{Complete: true, Listed: 5, Copied: one, Abandoned: one}, true},
		{FilesResult{}, false},
		{FilesResult{Complete: true, Found: one, Persisted: one}, false},
		{FilesResult{Complete: true, Failed: one}, false},
		{FilesResult{Complete: true, Unpersisted: one}, false},
		{FilesResult{Complete: true, Open: one}, false},
		{FilesResult{Complete: true, Lost: one}, false},
	} {
		if got := c.result.Empty(); got != c.empty {
			t.Errorf("%+v: %v", c.result, got)
		}
	}
}

// FuzzMessage: what arrives at an executor is refused, or survives another journey.
func FuzzMessage(f *testing.F) {
	f.Add(exampleRequest().Encode())
	f.Add(MasterUpdate{Masters: []Address{{Host: "a"}}}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := DecodeMessage(data)
		if err != nil {
			return
		}
		var first []byte
		if message.AdminRequest != nil {
			first = message.AdminRequest.Encode()
		} else {
			first = message.MasterUpdate.Encode()
		}
		if again, err := DecodeMessage(first); err != nil || !reflect.DeepEqual(again, message) {
			t.Errorf("%v: %s", err, first)
		}
	})
}

// FuzzAdminAnswer: what arrives at the scheduler is refused, or is an answer that can be sent again.
func FuzzAdminAnswer(f *testing.F) {
	f.Add(exampleAnswer().Encode())
	f.Add([]byte(`{"version":1,"kind":"adminAnswer","id":"1","state":"done","files":{"open":{"bytes":1e30}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		answer, err := DecodeAdminAnswer(data)
		if err != nil {
			return
		}
		first := answer.Encode()
		again, err := DecodeAdminAnswer(first)
		if err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		if second := again.Encode(); !bytes.Equal(first, second) {
			t.Errorf("%s\nis then %s", first, second)
		}
	})
}
