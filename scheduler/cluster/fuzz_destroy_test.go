package cluster

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// unasked is the first volume that a destroys although no operator has asked for its end.
func (p *player) unasked(a ReclaimVolumes) hostVolume {
	for i := range a.Operations {
		for _, r := range a.Operations[i].GetDestroy().GetVolumes() {
			if at := (hostVolume{resource.VolumeIDOf(&r), a.Host}); !p.all && !p.condemned[at] {
				return at
			}
		}
	}
	return hostVolume{}
}

func TestFuzzingFindsADestroyThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	r := offered.Scalar("disk", 1024, "")
	r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: "f1.alluxio-worker-0.1"}}
	a := ReclaimVolumes{Host: "a", Operations: []mesos.Offer_Operation{
		resource.Operation(mesos.Offer_Operation_UNRESERVE, offered.Scalar("disk", 1, "")),
		resource.Operation(mesos.Offer_Operation_DESTROY, r)}}
	at := hostVolume{"f1.alluxio-worker-0.1", "a"}
	for name, c := range map[string]struct {
		p    player
		want hostVolume
	}{
		"nobody asked":                       {player{}, at},
		"an operator asked for another host": {player{condemned: map[hostVolume]bool{{at.id, "b"}: true}}, at},
		"an operator asked for it":           {player{condemned: map[hostVolume]bool{at: true}}, hostVolume{}},
		"an operator asked for all":          {player{all: true}, hostVolume{}},
	} {
		if got := c.p.unasked(a); got != c.want {
			t.Errorf("%s: %v is found", name, got)
		}
	}
}
