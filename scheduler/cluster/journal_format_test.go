package cluster

import (
	"bytes"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// TestARecordOfAnEarlierVersionFormatsNothing: it knows its journals as formatted, and of no
// permission. As long as every master serves, this version writes the same.
func TestARecordOfAnEarlierVersionFormatsNothing(t *testing.T) {
	t.Parallel()
	const folder = "hdfs://nn/journal"
	settings := testSettings(0)
	settings.Journal = config.Journal{Folder: folder, Shared: true}
	record := map[string][]byte{
		frameworkKey: []byte(`{"id":"f1","cluster":"f1","journalKind":"UFS in hdfs://nn/journal"}`),
		journalKey(folder): []byte(`{"identity":"hdfs://nn/journal","folder":"hdfs://nn/journal",` +
			`"formatted":"2026-01-02T03:04:05Z"}`),
	}
	s, err := NewState(Options{Settings: settings, Started: epoch}, record)
	if err != nil {
		t.Fatal(err)
	}
	if spec := s.spec(&placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: "a"},
		&offer.Offer{}); spec.Journal.MayFormat || spec.Journal.Format {
		t.Errorf("%+v", spec.Journal)
	}
	if !bytes.Equal(s.row(frameworkKey), record[frameworkKey]) {
		t.Errorf("%s is now %s", record[frameworkKey], s.row(frameworkKey))
	}
}
