//go:build testall

package jobservice

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// A file that is written with the defaults of Alluxio 2.9.6 is persisted by the job service, also
// after each of its processes was killed and started again; a job master begins with an empty
// journal. Alluxio forgets to persist some of what is written in between (docs/facts.md): that is
// persisted when it is asked to.
func TestFilesArePersistedAfterEachProcessOfTheJobServiceWasKilled(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-of-the-under-store"
	p := newParts(t, 1, config.NoElection, "aws.secretKey", secret, "alluxio.master.worker.connect.wait.time", "1sec",
		"alluxio.master.journal.tailer.shutdown.quiet.wait.time", "200ms")
	host := p.block.IP(1)
	master, jobMaster := p.start(config.Master, host), p.start(config.JobMaster, host)
	p.await(master, jobMaster)
	worker, jobWorker := p.start(config.Worker, host), p.start(config.JobWorker, host)
	p.await(worker, jobWorker)

	p.write("/first")
	p.persisted("/first")
	if listed := p.shell("ls", "/first"); !strings.Contains(listed, " PERSISTED ") {
		t.Errorf("Alluxio lists it as %q", listed)
	}

	if shown := ask(jobMaster.run.Probe.OwnURL); strings.Contains(string(shown.Body), secret) {
		t.Error("the job master shows a secret of the site file")
	}

	for _, killed := range []**part{&jobWorker, &jobMaster} {
		p.kill(*killed)
		role := (*killed).role
		without, again := "/without-"+string(role), "/again-"+string(role)
		p.write(without)
		if p.isPersisted(without) {
			t.Fatalf("%s was persisted without a process of the role %s", without, role)
		}
		*killed = p.start(role, host)
		p.await(jobMaster, jobWorker)
		p.write(again)
		p.persisted(again)
		p.shell("persist", without)
		p.persisted(without)
	}

	p.await(p.start(config.Proxy, host))
}
