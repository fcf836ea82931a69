package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// launch starts a task for real.
func (a *simAgent) launch(info mesos.TaskInfo) {
	spec, err := decodeSpec(info.Data)
	if err != nil {
		a.fail("never more than was offered", "an executor cannot read its LaunchSpec: %v", err)
	}
	r := &run{id: info.TaskID.Value, slot: spec.Slot, role: spec.Role, agent: a, spec: spec, live: true,
		state: mesos.TASK_STAGING, since: a.now}
	a.runs[r.id] = r
	if a.host.dropsUntil.After(a.now) {
		a.dropped(r)
		return
	}
	a.log("agent: %s runs %s", a.id, r.id)
	a.known.checkJournals(r)
	r.next(a.between(0, 2*time.Second), func() { r.become(mesos.TASK_STARTING, "") })
	r.next(a.between(2*time.Second, 40*time.Second), r.begin)
}

// next does something later if the task still lives.
func (r *run) next(d time.Duration, do func()) {
	r.agent.after(d, func() {
		if r.live && !r.killing && r.canReceiveUpdate == hearsAll {
			do()
		}
	})
}

// begin is where an executor formats or finds the journal, and Alluxio then serves or not.
func (r *run) begin() {
	a := r.agent
	if r.role == config.Master {
		if !a.journal(r) {
			r.become(mesos.TASK_FAILED, "the journal is empty, but it was formatted before")
			return
		}
		if r.spec.Journal.Folder == "" {
			r.formatted = r.spec.Journal.Identity
		}
	}
	if a.hard != nil && r.role == config.Master && a.hard.rootless[r.spec.Journal.Identity] {
		r.unusable = r.spec.Journal.Identity
		r.become(mesos.TASK_FAILED, "the journal has no root")
		return
	}
	if a.chance(0.1) {
		r.become(mesos.TASK_FAILED, "the JVM exited with 1")
		return
	}
	if r.role == config.Master && r.spec.Election != config.NoElection {
		r.stand()
		return
	}
	r.become(mesos.TASK_RUNNING, "")
}

// journal finds or formats the journal of a master; false when it is lost. Behind a URI it is used
// as it is: Alluxio begins one where there is none, and it counts as formatted once a master serves
// from it.
func (a *simAgent) journal(r *run) bool {
	j := r.spec.Journal
	journals := a.host.journals
	if j.Folder != "" {
		journals = a.shared
	}
	switch {
	case j.Format:
		a.known.checkPermission(r)
	case journals[j.Identity]:
		return true
	case j.Folder != "":
	case !j.MayFormat:
		return false
	default:
		a.known.checkFormat(r)
	}
	a.log("agent: %s formats %s, or begins it", r.id, j.Identity)
	journals[j.Identity] = true
	if a.hard != nil {
		a.hard.formats(r)
	}
	return true
}

// become moves the task on, in reality and in a status update that is sent until it is acknowledged.
func (r *run) become(state mesos.TaskState, message string) {
	a := r.agent
	r.state = state
	if state == mesos.TASK_RUNNING {
		r.formatted = r.spec.Journal.Identity
		if a.hard != nil && r.standing != launch.Standby {
			a.hard.served[r.formatted] = true
		}
	}
	if over(state) {
		r.live = false
	}
	a.mesos.uuids++
	r.updates++
	status := statusOf(r.id, state.String(), a.id, message, fmt.Append(nil, a.mesos.uuids))
	status.Data = launch.Report{Number: r.updates, JournalFormatted: r.formatted, JournalUnusable: r.unusable,
		JournalNeverServed: r.unusable != "",
		ElectionState:      r.standing, Moved: r.moved, Admin: a.adminOf(r), AlluxioVersion: a.alluxioVersion()}.Encode()
	r.pending = append(r.pending, status)
	if len(r.pending) == 1 {
		r.send(status)
		r.resend(status, 10*time.Second)
	}
}

// alluxioVersion is what executors report, in worlds in which it matters.
func (a *simAgent) alluxioVersion() string {
	if a.data == nil {
		return ""
	}
	return "2.9.6"
}

// adminOf is what the executor of r says of the administration commands that it runs.
func (a *simAgent) adminOf(r *run) []launch.AdminOperation {
	if a.data == nil || r.role != config.Master {
		return nil
	}
	return []launch.AdminOperation{launch.AdminFind, launch.AdminPersist, launch.AdminDecommission}
}

// send forwards an update through the master, as the agent's status update manager does.
func (r *run) send(status *mesos.TaskStatus) {
	a := r.agent
	times := 1
	if a.chance(0.05) {
		times = 2
	}
	for range times {
		late := time.Duration(0)
		if a.chance(0.03) {
			late = a.between(0, 30*time.Second)
		}
		a.after(late, func() {
			a.say(0.05, func() {
				if task := a.mesos.tasks[r.id]; task != nil && !over(task.state) {
					task.state = r.state
				}
				a.mesos.update(status)
			})
		})
	}
}

func (r *run) resend(status *mesos.TaskStatus, d time.Duration) {
	r.agent.after(d, func() {
		if len(r.pending) > 0 && r.pending[0] == status && r.agent.host.agent == r.agent {
			r.send(status)
			r.resend(status, min(2*d, 10*time.Minute))
		}
	})
}

// acknowledged ends the resending of an update and begins that of the next.
func (a *simAgent) acknowledged(ack Acknowledge) {
	r := a.runs[ack.TaskID]
	if r == nil || len(r.pending) == 0 || !bytes.Equal(r.pending[0].UUID, ack.UUID) {
		return
	}
	r.pending = r.pending[1:]
	if len(r.pending) > 0 {
		r.send(r.pending[0])
		r.resend(r.pending[0], 10*time.Second)
	} else if !r.live {
		delete(a.runs, r.id)
		delete(a.mesos.tasks, r.id)
	}
}

// kill ends a task within its grace.
func (a *simAgent) kill(id string) {
	r := a.runs[id]
	if r == nil || !r.live || r.killing || r.canReceiveUpdate != hearsAll {
		return
	}
	r.killing = true
	if a.rng.IntN(2) == 0 {
		r.become(mesos.TASK_KILLING, "")
	}
	a.after(a.between(0, 30*time.Second), func() {
		if r.live {
			r.become(mesos.TASK_KILLED, "")
		}
	})
}

// crash turns the machine off: everything on it ends, and whoever comes back finds only its disk.
func (h *simHost) crash(off time.Duration, wipe, fresh bool) {
	a := h.agent
	if a == nil {
		return
	}
	h.log("host: %s crashes for %s (wipe=%v, new agent=%v)", h.name, off.Truncate(time.Second), wipe, fresh)
	var ended []*run
	for _, id := range sorted(a.runs) {
		if r := a.runs[id]; r.live {
			ended = append(ended, r)
			r.live = false
		}
	}
	if wipe {
		if fresh { // with the agent's work_dir
			h.disk = newSimDisk()
		}
		maps.DeleteFunc(h.journals, func(id string, _ bool) bool { return h.disk.volumes[id] == 0 })
	}
	a.part(off)
	join := a.back
	a.back = func() {
		if fresh {
			h.start(true)
			return
		}
		for _, r := range ended {
			r.become(mesos.TASK_FAILED, "the executor is gone")
		}
		join()
	}
}
