package executor

import (
	"context"
	"fmt"
	"maps"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/internal/masterelection"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// masterUpdate hands a message of the framework to the tasks: the Alluxio masters have moved. The
// framework repeats it until a report confirms it, so one that cannot be applied now is dropped.
func (l *loop) masterUpdate(masterUpdate *launch.MasterUpdate) {
	for _, e := range l.order {
		if e.run == nil || e.run.prober == nil { // there is nothing yet that could change
			continue
		}
		e.run.masterUpdate.Store(masterUpdate)
		l.spawn(func() {
			masters, err := e.run.adopt()
			if err != nil {
				l.log.Error().Err(err).Str("task_id", e.info.TaskID.Value).Msg("cannot apply the addresses of the Alluxio masters")
				return
			}
			l.post(e, task.MasterUpdateApplied{Masters: launch.AddressText(masters)})
		})
	}
}

// adopt makes the site file and the probe those of masters on other hosts, by the newest message: two
// that come at once may be applied in either order. The JVM goes on as it is.
func (r *runner) adopt() ([]launch.Address, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	spec := *r.spec
	spec.Endpoints = maps.Clone(spec.Endpoints)
	masters := r.masterUpdate.Load().Masters
	spec.Endpoints[config.Master] = masters
	jvm, err := alluxio.Prepare(&spec, r.found)
	if err != nil {
		return nil, err
	}
	if err := r.writeFiles(jvm); err != nil {
		return nil, err
	}
	r.prober.what.Store(&jvm.Probe)
	r.admin.Store(&jvm.Admin)
	r.log.Info().Str("masters", launch.AddressText(masters)).Msg("the Alluxio masters have moved")
	return masters, nil
}

// watchElection opens the election that a standby is known by, if there is one.
func (r *runner) watchElection() error {
	at := r.jvm.Probe.Election
	if at.Servers == "" {
		return nil
	}
	servers, err := expand(r.spec, "alluxio.zookeeper.address", at.Servers, r.found.Home)
	if err != nil {
		return err
	}
	path, err := expand(r.spec, "alluxio.zookeeper.election.path", at.Path, r.found.Home)
	if err != nil {
		return err
	}
	reader, err := masterelection.Open(servers, path, at.ID)
	if err != nil {
		return fmt.Errorf("watch the election: %w", err)
	}
	r.prober.election = reader
	r.later(func(context.Context) error { reader.Close(); return nil })
	return nil
}
