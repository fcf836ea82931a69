package cluster

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// TestStatusAtTheEndOfAStory plays testdata/status/NAME.txt and compares the Status at its end with
// NAME.json. The tests of scheduler/web and scheduler/web/text show the same ones.
func TestStatusAtTheEndOfAStory(t *testing.T) {
	t.Parallel()
	stories, err := filepath.Glob("testdata/status/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatalf("there are no stories: %v", err)
	}
	var bodies []string
	for _, story := range stories {
		body := strings.TrimSuffix(story, ".txt") + ".json"
		bodies = append(bodies, body)
		t.Run(strings.TrimSuffix(filepath.Base(story), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(story)
			if err != nil {
				t.Fatal(err)
			}
			tr := newTranscript(t)
			golden.Compare(t, story, tr.play(string(text)))
			data, err := json.MarshalIndent(tr.state.Snapshot(tr.now), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, body, string(data)+"\n")
			var read Status
			if err := json.Unmarshal(data, &read); err != nil {
				t.Fatal(err)
			}
			again, err := json.MarshalIndent(&read, "", "  ")
			if err != nil || !slices.Equal(again, data) {
				t.Errorf("a client reads another Status than was sent (%v): %s", err, again)
			}
		})
	}
	golden.Complete(t, "testdata/status/*.json", bodies)
}
