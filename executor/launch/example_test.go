package launch_test

import (
	"fmt"
	"time"

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

// The scheduler asks the executor of a master to persist what only one worker has; the executor
// answers when the request arrives, and at its end.
func ExampleAdminRequest() {
	request := launch.AdminRequest{ID: "alluxio-worker-3.2-persist-1", Operation: launch.AdminPersist,
		Worker: launch.Address{Host: "h1", RPC: 29999, Web: 30000}, Within: 10 * time.Minute}
	message, err := launch.DecodeMessage(request.Encode()) // by the executor
	if err != nil {
		panic(err)
	}
	result := launch.FilesResult{Complete: true, Listed: 2}
	result.Found.Add("/logs/today", 64<<20)
	result.Persisted.Add("/logs/today", 64<<20)
	data := launch.AdminAnswer{ID: message.AdminRequest.ID, State: launch.AdminDone, Files: &result}.Encode()

	answer, err := launch.DecodeAdminAnswer(data) // by the scheduler
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.ID, answer.State, answer.State.Final())
	fmt.Println(answer.Files.Persisted.Files, answer.Files.Persisted.Names, answer.Files.Empty())
	// Output:
	// alluxio-worker-3.2-persist-1 done true
	// 1 [/logs/today] false
}
