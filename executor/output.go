package executor

import (
	"context"
	"os"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

// trimEvery is how often the size of the JVM's output is looked at.
const trimEvery = time.Second

// boundOutput keeps the sandbox's stdout and stderr from growing without end, until ctx ends. The
// JVM writes into them itself.
func (r *runner) boundOutput(ctx context.Context) {
	var outputs []*process.Output
	for _, file := range []*os.File{r.config.Stdout, r.config.Stderr} {
		output, err := process.NewOutput(file)
		if err != nil {
			r.log.Warn().Err(err).Msg("an output of the JVM is not bounded")
			continue
		}
		outputs = append(outputs, output)
	}
	for tick := time.NewTicker(trimEvery); ; {
		for i, output := range outputs {
			if err := output.Trim(); err != nil {
				r.log.Warn().Err(err).Msg("an output of the JVM is not bounded any more")
				outputs[i] = nil
			}
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}
