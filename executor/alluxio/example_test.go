package alluxio_test

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
)

// The rules of a version are those of the last row of the table that is not later.
func ExampleRulesFor() {
	for _, version := range []string{"1.8.1", "2.9.6", "3.1.0"} {
		rules, warning := alluxio.RulesFor(version)
		fmt.Println(version, rules.Since, rules.WorkerRPC[0], rules.OnePort)
		if warning != "" {
			fmt.Println(warning)
		}
	}
	// Output:
	// 1.8.1 1.8.0 alluxio.worker.port false
	// 2.9.6 2.9.1 alluxio.worker.rpc.port true
	// 3.1.0 2.9.1 alluxio.worker.rpc.port true
	// Alluxio 3.1.0 is newer than 2.9.6, the newest that is known: it is run as 2.9.6
}
