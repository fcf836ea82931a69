package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// epoch is the time at which every test begins.
var epoch = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// testSettings are those of a stock site file: the defaults that users know, for one master and count workers.
func testSettings(count int) *config.Settings {
	return &config.Settings{
		Roles:       config.AlluxioRoles(),
		MesosMaster: "m:5050", Name: "alluxio", User: "root", MesosRole: "*", FailoverTimeout: 14 * 24 * time.Hour,
		Master: config.RoleSettings{Name: "AlluxioMaster", Count: 1, Unreachable: 30 * time.Second, CPUs: 1, Mem: config.GB,
			Ports: []config.Port{
				{Name: config.MasterRPC, Number: 19998, Key: "alluxio.master.port"},
				{Name: config.MasterWeb, Number: 19999, Key: "alluxio.master.web.port"},
			}},
		Worker: config.RoleSettings{Name: "AlluxioWorker", Count: count, Unreachable: 10 * time.Minute, CPUs: 1,
			Mem: config.GB, Ports: []config.Port{
				{Name: config.WorkerRPC, Number: 29998, Key: "alluxio.worker.port"},
				{Name: config.WorkerData, Number: 29999, Key: "alluxio.worker.data.port"},
				{Name: config.WorkerWeb, Number: 30000, Key: "alluxio.worker.web.port"},
			}},
		Ramdisk: config.Ramdisk{Size: config.GB}, Install: config.Install{Home: "/opt/alluxio"},
		Bind: config.BindAny, KillGrace: 30 * time.Second, StartTimeout: 10 * time.Minute,
	}
}

// offerOf makes an offer as a Mesos agent would, from "cpus=4 mem=8192MB ports=1-2,5-6" and the like.
func offerOf(id, host string, fields map[string]string) offer.Offer {
	o := offer.Offer{ID: id, Host: host, AgentID: "agent-" + host, IP: "10.0.0.1", CPUs: 4, MemMB: 8192}
	if text, ok := fields["cpus"]; ok {
		o.CPUs, _ = strconv.ParseFloat(text, 64)
	}
	if text, ok := fields["mem"]; ok {
		o.MemMB, _ = strconv.ParseFloat(strings.TrimSuffix(text, "MB"), 64)
	}
	if text, ok := fields["agent"]; ok {
		o.AgentID = text
	}
	ports, ok := fields["ports"]
	if !ok {
		ports = "19998-19999,29998-30000"
	}
	if ports != "none" {
		for _, part := range strings.Split(ports, ",") {
			var r offer.PortRange
			fmt.Sscanf(part, "%d-%d", &r.Begin, &r.End)
			o.Ports = append(o.Ports, r)
		}
	}
	encoded := o
	if text, ok := fields["encoded-cpus"]; ok { // others than were read
		encoded.CPUs, _ = strconv.ParseFloat(text, 64)
	}
	o.Wire = wireOf(&encoded)
	if fields["attributes"] != "" || fields["zone"] != "" {
		o.Wire = wireAt(o.Wire, fields["attributes"], fields["region"], fields["zone"])
	}
	return o
}

// wireAt puts an encoded offer at a place: attributes as in the agent's flag, and a fault domain.
func wireAt(wire []byte, attributes, region, zone string) []byte {
	var full mesos.Offer
	if err := full.Unmarshal(wire); err != nil {
		panic(err)
	}
	for _, text := range strings.FieldsFunc(attributes, func(r rune) bool { return r == ';' }) {
		name, value, _ := strings.Cut(text, ":")
		full.Attributes = append(full.Attributes, attributeOf(name, value))
	}
	if zone != "" {
		full.Domain = &mesos.DomainInfo{FaultDomain: &mesos.DomainInfo_FaultDomain{
			Region: mesos.DomainInfo_FaultDomain_RegionInfo{Name: region},
			Zone:   mesos.DomainInfo_FaultDomain_ZoneInfo{Name: zone}}}
	}
	wire, err := full.Marshal()
	if err != nil {
		panic(err)
	}
	return wire
}

// attributeOf reads a value as Mesos does: a number, [ranges], {a set}, else text.
func attributeOf(name, value string) mesos.Attribute {
	a := mesos.Attribute{Name: name, Type: mesos.TEXT}
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case err == nil:
		a.Type, a.Scalar = mesos.SCALAR, &mesos.Value_Scalar{Value: number}
	case strings.HasPrefix(value, "["):
		a.Type, a.Ranges = mesos.RANGES, &mesos.Value_Ranges{}
		for _, part := range strings.Split(strings.Trim(value, "[]"), ",") {
			var r mesos.Value_Range
			fmt.Sscanf(part, "%d-%d", &r.Begin, &r.End)
			a.Ranges.Range = append(a.Ranges.Range, r)
		}
	case strings.HasPrefix(value, "{"):
		a.Type, a.Set = mesos.SET, &mesos.Value_Set{Item: strings.Split(strings.Trim(value, "{}"), ",")}
	default:
		a.Text = &mesos.Value_Text{Value: value}
	}
	return a
}

// wireOf encodes o as Mesos would send it to a MULTI_ROLE framework.
func wireOf(o *offer.Offer) []byte {
	star, scalar, ranges := "*", mesos.SCALAR, mesos.RANGES
	allocation := &mesos.Resource_AllocationInfo{Role: &star}
	full := mesos.Offer{ID: mesos.OfferID{Value: o.ID}, AgentID: mesos.AgentID{Value: o.AgentID}, Hostname: o.Host,
		AllocationInfo: allocation,
		Resources: []mesos.Resource{
			{Name: "cpus", Type: &scalar, Scalar: &mesos.Value_Scalar{Value: o.CPUs}, AllocationInfo: allocation},
			{Name: "mem", Type: &scalar, Scalar: &mesos.Value_Scalar{Value: o.MemMB}, AllocationInfo: allocation},
		}}
	ports := mesos.Resource{Name: "ports", Type: &ranges, Ranges: &mesos.Value_Ranges{}, AllocationInfo: allocation}
	for _, r := range o.Ports {
		ports.Ranges.Range = append(ports.Ranges.Range, mesos.Value_Range{Begin: uint64(r.Begin), End: uint64(r.End)})
	}
	if len(o.Ports) > 0 {
		full.Resources = append(full.Resources, ports)
	}
	wire, err := full.Marshal()
	if err != nil {
		panic(err)
	}
	return wire
}

// statusOf makes a status update; one without a UUID is an answer to reconciliation.
func statusOf(taskID, state, agent, message string, uuid []byte) *mesos.TaskStatus {
	s, ok := mesos.TaskState_value[state]
	if !ok {
		panic("no such task state: " + state)
	}
	taskState := mesos.TaskState(s)
	status := &mesos.TaskStatus{TaskID: mesos.TaskID{Value: taskID}, State: &taskState, UUID: uuid,
		AgentID: &mesos.AgentID{Value: agent}}
	if message != "" {
		status.Message = &message
	}
	if uuid == nil {
		reason := mesos.REASON_RECONCILIATION
		status.Reason = &reason
	}
	return status
}

// saved is a store in memory.
type saved map[string][]byte

func (r saved) save(changes Changes) {
	for key, value := range changes {
		if value == nil {
			delete(r, key)
		} else {
			r[key] = slices.Clone(value)
		}
	}
}

func launchOf(taskID string) []mesos.TaskInfo {
	return []mesos.TaskInfo{{TaskID: mesos.TaskID{Value: taskID}}}
}
