package launch_test

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// A Spec travels in the task's data; the executor decodes what the scheduler has encoded.
func ExampleSpec_Encode() {
	spec := &launch.Spec{
		Version: launch.SchemaVersion, Slot: "alluxio-worker-3", Role: config.Worker, Cluster: "f1", Host: "h1",
		Ports:     map[config.PortName]uint16{config.WorkerRPC: 29999, config.WorkerWeb: 30000},
		Endpoints: map[config.Role][]launch.Address{config.Master: {{Host: "h0", RPC: 19998, Web: 19999}}},
	}
	data, err := spec.Encode()
	if err != nil {
		panic(err)
	}
	read, err := launch.Decode(data)
	if err != nil {
		panic(err)
	}
	fmt.Println(read.Slot, read.Ports[config.WorkerRPC], launch.AddressText(read.Masters()))
	// Output: alluxio-worker-3 29999 h0:19998
}

// A Report is read leniently: data that is no Report gives an empty one.
func ExampleDecodeReport() {
	data := launch.Report{Number: 2, Phase: "fetching 40 %"}.Encode()
	fmt.Println(launch.DecodeReport(data).Phase)
	fmt.Printf("%q\n", launch.DecodeReport([]byte("hello")).Phase)
	// Output:
	// fetching 40 %
	// ""
}
