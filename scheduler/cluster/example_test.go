package cluster_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// A State is told what has happened and is asked what to do: here a framework subscribes, is
// offered a host and launches the Alluxio master there.
func Example() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) // a State knows no clock
	state, err := cluster.NewState(cluster.Options{Settings: settings(), Started: now}, nil)
	if err != nil {
		panic(err)
	}
	state.Apply(cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	state.Apply(cluster.Offered{Subscription: 1, Offers: []offer.Offer{hostOffer("o1", "h1", 4, 8192)}}, now)

	decision := state.Decide(now)
	for _, action := range decision.Actions {
		fmt.Println(action)
	}
	for i := range decision.Rejections {
		reason, _ := state.Explain(&decision.Rejections[i])
		fmt.Printf("no %s: %s\n", decision.Rejections[i].Role, reason)
	}
	state.Commit(decision, now)
	for _, key := range slices.Sorted(maps.Keys(state.Changes())) { // before an action leaves
		fmt.Println("save", key)
	}
	// Output:
	// launch alluxio-master-0.1 on o1
	// no alluxio-worker: phase "masters" is not complete (0 of 1 serving)
	// save framework
	// save slot/alluxio-master-0
}

// settings are those of a short site file.
func settings() *config.Settings {
	dir, err := os.MkdirTemp("", "conf")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	site := config.KeyJarURL + "=https://mirror.example.org/alluxio-2.9.6-bin.tar.gz\n" +
		config.KeyJobEnabled + "=false\n"
	if err := os.WriteFile(filepath.Join(dir, config.SiteFile), []byte(site), 0o600); err != nil {
		panic(err)
	}
	s, err := config.Load(config.Options{ConfDir: dir, MesosMaster: "mesos-master"})
	if err != nil {
		panic(err)
	}
	return s
}

// hostOffer is an offer as the client of Mesos decodes it: what is compared, and its bytes.
func hostOffer(id, host string, cpus, memMB float64) offer.Offer {
	scalar := func(name string, value float64) mesos.Resource {
		kind, role := mesos.SCALAR, "*"
		return mesos.Resource{Name: name, Type: &kind, Scalar: &mesos.Value_Scalar{Value: value},
			AllocationInfo: &mesos.Resource_AllocationInfo{Role: &role}}
	}
	kind, role := mesos.RANGES, "*"
	ports := mesos.Resource{Name: "ports", Type: &kind, AllocationInfo: &mesos.Resource_AllocationInfo{Role: &role},
		Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: 19998, End: 19999}, {Begin: 29998, End: 30000}}}}
	wire, err := (&mesos.Offer{ID: mesos.OfferID{Value: id}, AgentID: mesos.AgentID{Value: "S0"}, Hostname: host,
		Resources: []mesos.Resource{scalar("cpus", cpus), scalar("mem", memMB), ports}}).Marshal()
	if err != nil {
		panic(err)
	}
	return offer.Offer{ID: id, AgentID: "S0", Host: host, CPUs: cpus, MemMB: memMB, Wire: wire,
		Ports: []offer.PortRange{{Begin: 19998, End: 19999}, {Begin: 29998, End: 30000}}}
}
