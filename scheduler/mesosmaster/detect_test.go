package mesosmaster

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheLowestSequenceNumberLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ names, want string }{
		{"", ""},
		{"log_replicas", ""},
		{"info_0000000001 json.info_0000000007 log_replicas json.info_0000000003", "json.info_0000000003"},
		{"json.info_10000000000 json.info_0000000009", "json.info_0000000009"},
		{"json.info_ json.info_x json.info_0000000009", "json.info_0000000009"},
	} {
		if got := leading(strings.Fields(c.names)); got != c.want {
			t.Errorf("%q: %q", c.names, got)
		}
	}
}

func TestMasterInfo(t *testing.T) {
	t.Parallel()
	const genuine = `{"address":{"hostname":"m1.example.com","ip":"10.0.0.7","port":5050},` +
		`"capabilities":[{"type":"AGENT_UPDATE"}],` +
		`"hostname":"m1.example.com","id":"98b2","ip":117440522,"pid":"master@10.0.0.7:5050","port":5050,"version":"1.11.0"}`
	for _, c := range []struct{ data, want string }{
		{genuine, "10.0.0.7:5050"},
		{`{"address":{"ip":"::1","port":5050}}`, "[::1]:5050"},
		{`{"address":{"hostname":"m1","port":5051}}`, "m1:5051"},
		{`{"hostname":"m1","port":5051}`, "m1:5051"},
		{``, "it is not JSON from byte 0 on"},
		{`{"address":`, "it is not JSON from byte 11 on"},
		{`[]`, "not that of a MasterInfo"},
		{`{"port":"x"}`, "not that of a MasterInfo"},
		{`{}`, "it has no address"},
		{`{"address":{"ip":"10.0.0.7"}}`, "it has no address"},
		{`{"address":{"ip":"10.0.0.7","port":70000}}`, "port 70000"},
		{`{"address":{"ip":"0.0.0.0","port":5050}}`, `IP address: "0.0.0.0"`},
		{`{"address":{"ip":"10.0.0","port":5050}}`, `IP address: "10.0.0"`},
		{`{"hostname":"evil/path?","port":5050}`, `its host is: "evil/path?"`},
	} {
		got, err := masterAddress([]byte(c.data), false)
		if text := fmt.Sprint(got, err); !strings.Contains(text, c.want) {
			t.Errorf("%s: %s", c.data, text)
		}
	}
}

func TestWithTLSAMasterIsFoundByTheNameOfItsCertificate(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"address":{"hostname":"m1.example.com","ip":"10.0.0.7","port":5050}}`: "m1.example.com:5050",
		`{"address":{"ip":"10.0.0.7","port":5050},"hostname":"m1"}`:             "m1:5050",
		`{"address":{"ip":"10.0.0.7","port":5050}}`:                             "10.0.0.7:5050",
	} {
		if got, err := masterAddress([]byte(data), true); got != want || err != nil {
			t.Errorf("%s: %q, %v", data, got, err)
		}
	}
}

func FuzzMasterInfo(f *testing.F) {
	f.Add([]byte(`{"address":{"hostname":"m1.example.com","ip":"10.0.0.7","port":5050}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := masterAddress(data, false); (got == "") != (err != nil) {
			t.Errorf("%q and %v", got, err)
		}
	})
}
