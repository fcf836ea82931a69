package cluster

import (
	"fmt"
	"testing"
	"time"
)

// TestBackoffsAreForgotten: hosts come and go for years, and what is long over is neither kept nor
// counted.
func TestBackoffsAreForgotten(t *testing.T) {
	t.Parallel()
	s := stateOf(t, testSettings(1), nil)
	now := epoch
	drop := func(host string) *hostBackoff {
		s.backOff(&Slot{Name: "alluxio-worker-0", Host: host}, "agent-"+host, now)
		return s.offers.backoffs[host]
	}
	for i := range 10_000 {
		drop(fmt.Sprintf("h%d", i))
		now = now.Add(time.Minute)
		if kept := len(s.offers.backoffs); kept > 200 { // 61 of them are not over
			t.Fatalf("%d are kept after %d hosts", kept, i+1)
		}
	}
	drop("a")
	if b := drop("a"); b.tasks != 2 {
		t.Errorf("it counts %d tasks in a row", b.tasks)
	}
	now = now.Add(2 * forgetHostAfter)
	if b := drop("a"); b.tasks != 1 {
		t.Errorf("it counts %d tasks in a row", b.tasks)
	}
}
