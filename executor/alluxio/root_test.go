package alluxio

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// TestOnlyAMeasuredAnswerMeansThatTheRootIsMissing: the bodies are those of genuine masters.
func TestOnlyAMeasuredAnswerMeansThatTheRootIsMissing(t *testing.T) {
	t.Parallel()
	const (
		missing = `{"message":"Cannot invoke \"alluxio.master.file.meta.Inode.getId()\" because \"inode\" is ` +
			`null","statusCode":"INTERNAL"}`
		other = `{"message":"Cannot invoke \"alluxio.underfs.UnderFileSystem.getStatus()\" because \"ufs\" is ` +
			`null","statusCode":"INTERNAL"}`
		noName = `{"debug":false,"currentPath":"/.alluxio-mesos-asks-for-the-root","invalidPathError":"Error: Invalid Path ` +
			`fileId -1 does not exist."}`
		status = `{"folder":true,"fileBlockInfos":[],"name":"","path":"/","fileId":0,"completed":true}`
	)
	for sentence, c := range map[string]struct {
		version string
		answer  Answer
		root    Root
		says    string
	}{
		"2.x looks for a name below the root": {"2.9.6", Answer{Status: 200, Body: []byte(noName)}, RootThere, ""},
		"2.x has none, on Java 14 or later":   {"2.9.6", Answer{Status: 500, Body: []byte(missing)}, RootMissing, ""},
		"2.x has none, on an older Java": {"2.9.6",
			Answer{Status: 500, Body: []byte(`{"message":null,"statusCode":"INTERNAL"}`)}, RootMissing, ""},
		"2.x fails elsewhere, on Java 14 or later": {"2.9.6", Answer{Status: 500, Body: []byte(other)}, RootUnknown,
			"HTTP status 500"},
		"2.x cannot reach its under store": {"2.9.6",
			Answer{Status: 500, Body: []byte(`{"message":"connection refused","statusCode":"INTERNAL"}`)}, RootUnknown,
			"HTTP status 500"},
		"2.x is in safe mode": {"2.9.6",
			Answer{Status: 500, Body: []byte(`{"message":"Alluxio is in safe mode","statusCode":"UNAVAILABLE"}`)}, RootUnknown,
			"HTTP status 500"},
		"2.x keeps what is in files to itself": {"2.9.6",
			Answer{Status: 200, Body: []byte(`{"debug":false,"currentPath":null}`)}, RootUnknown,
			"alluxio.web.file.info.enabled"},
		"something else asks for a password": {"2.9.6", Answer{Status: 401}, RootUnknown, "HTTP status 401"},
		"a page, not an answer": {"2.9.6", Answer{Status: 200, Body: []byte("<html>")}, RootUnknown,
			"HTTP status 200"},
		"a master that is slow": {"2.9.6", Answer{Err: "no answer within 4s"}, RootUnknown,
			"no answer within 4s"},
		"1.8 tells the root": {"1.8.1", Answer{Status: 200, Body: []byte(status)}, RootThere, ""},
		"1.4 tells the root": {"1.4.0", Answer{Status: 200, Body: []byte(status)}, RootThere, ""},
		"1.5 does not say why it fails": {"1.5.0", Answer{Status: 500, Body: []byte("{}")}, RootUnknown,
			"HTTP status 500"},
		"there is nothing to ask 1.3: nothing to say": {"1.3.0", Answer{Err: "not asked"}, RootUnknown, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			spec := specOf(config.Master, c.version)
			rules, _ := RulesFor(c.version)
			var p Probe
			p.ofMaster(spec, rules, "127.0.0.1", 19999)
			root, why := p.JudgeRoot(c.answer)
			if root != c.root || !strings.Contains(why, c.says) || (why == "") != (c.says == "") {
				t.Errorf("%v, %q", root, why)
			}
		})
	}
}

func TestWhatMastersOf14And15SayOfAJournalThatWasNeverFormatted(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]bool{
		`Exception in thread "main" java.lang.IllegalStateException: Alluxio master was not formatted! The journal folder ` +
			`is hdfs://nn/journal/`: true,
		`Caused by: java.lang.RuntimeException: Journal hdfs://nn/journal/BlockMaster/v1 has not been formatted!`: true,
		`Caused by: java.net.ConnectException: Connection refused`:                                                false,
		`the disk has not been formatted!`:                                                                        false,
	} {
		if SaysUnformatted([]string{"INFO", line}) != says {
			t.Errorf("%v for %s", !says, line)
		}
	}
}
