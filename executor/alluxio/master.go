package alluxio

import (
	"errors"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// The default ports that every version has (Alluxio: property reference).
const (
	defaultMasterRPC  = 19998
	defaultMasterWeb  = 19999
	defaultMasterRaft = 19200
	defaultWorkerWeb  = 30000
)

// The comments of lines that both roles have.
const (
	whyHost = "the host name comes from the offer"
	whyBind = "alluxio.integration.mesos.bind=agent"
)

// master adds what a master's site file needs.
func (p *preparation) master() error {
	spec, s := p.spec, &p.site
	if err := p.checkElection(); err != nil {
		return err
	}
	s.place(spec.Host, whyHost, "alluxio.master.hostname")
	s.port(spec.Ports[config.MasterRPC], defaultMasterRPC, p.rules.MasterRPC...)
	s.port(spec.Ports[config.MasterWeb], defaultMasterWeb, "alluxio.master.web.port")
	p.bind("alluxio.master.bind.host", "alluxio.master.web.bind.host")
	p.findJobMasters()

	if _, ok := s.get("alluxio.master.journal.folder"); !ok && p.env.Journal == "" {
		return errors.New("no folder for the journal; set alluxio.master.journal.folder or " +
			"alluxio.integration.mesos.data.dir")
	}
	s.give(p.env.Journal, "outside the sandbox, so that it outlives the task", "alluxio.master.journal.folder")
	p.masterOf2()
	if _, ok := s.get("alluxio.underfs.address", "alluxio.master.mount.table.root.ufs"); !ok &&
		spec.Install.Alluxio.URL != "" {
		s.warn("no under store is set: Alluxio keeps files in %s, which belongs to this tarball on this host; set "+
			"alluxio.master.mount.table.root.ufs (1.x: alluxio.underfs.address)", p.env.Home+"/underFSStorage")
	}
	return nil
}

// masterOf2 adds what came with 2.x.
func (p *preparation) masterOf2() {
	s := &p.site
	if p.rules.Journals {
		s.give("UFS", "the default is EMBEDDED, which is for several masters", "alluxio.master.journal.type")
		if kind, ok := s.get("alluxio.master.journal.type"); ok &&
			strings.EqualFold(strings.TrimSpace(kind.Value), "EMBEDDED") {
			p.embedded = true
			s.port(p.spec.Ports[config.MasterRaft], defaultMasterRaft, "alluxio.master.embedded.journal.port")
			p.members("alluxio.master.embedded.journal.addresses", "alluxio.master.rpc.addresses")
			if p.rules.RatisBind {
				p.bind(ratisHost)
			}
		}
	}
	if _, ok := s.get("alluxio.master.metastore.dir"); !ok && p.rules.Metastore && p.env.Metastore != "" {
		s.give(p.env.Metastore, "one for each master, outside Alluxio's home", "alluxio.master.metastore.dir")
		p.folder(p.env.Metastore)
	}
	if p.rules.UpdateCheck {
		s.give("false", "no calls to Alluxio's makers", "alluxio.master.update.check.enabled")
	}
}

// bind makes Alluxio listen on the agent's address only, when that was asked for.
func (p *preparation) bind(names ...string) {
	if p.spec.Bind == "" {
		return
	}
	for _, name := range names {
		p.site.place(p.spec.Bind, whyBind, name)
	}
}
