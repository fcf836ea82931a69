// Command main is built in the tree of an earlier version. It prints as JSON what the code of that
// version reads from the standard input: a LaunchSpec, or the rows of a state with the settings of a folder.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func main() {
	value, err := read(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(value)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read has the arguments "spec", or "rows CONF_DIR".
func read(args []string) (any, error) {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	if args[0] == "spec" {
		return launch.Decode(data)
	}
	folder := args[1]
	settings, err := config.Load(config.Options{ConfDir: folder, LogsDir: folder, StateDir: folder, NoMesosMaster: true})
	if err != nil {
		return nil, err
	}
	rows, record := map[string]json.RawMessage{}, map[string][]byte{}
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	for key, row := range rows {
		record[key] = row
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	state, err := cluster.NewState(cluster.Options{Settings: settings, Version: "test", Started: now}, record)
	if err != nil {
		return nil, err
	}
	return state.Snapshot(now), nil
}
