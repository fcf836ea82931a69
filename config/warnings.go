package config

// placed are properties of Alluxio that placement decides, each with what an operator can do instead of setting it.
var placed = []struct{ key, hint string }{
	{"alluxio.master.hostname", "to pin the Alluxio master to a host, set " + KeyMasterHost},
	{"alluxio.worker.hostname", "the host name comes from the offer"},
	{KeyHome, "it is used with " + KeyJarURL + "=LOCAL only"},
	{"alluxio.work.dir", "it follows from where Alluxio is unpacked"},
	{"alluxio.conf.dir", "every task has its own"},
	{"alluxio.logs.dir", "logs are in the task's sandbox, under logs/"},
	{"alluxio.master.rpc.addresses", "they follow from where the Alluxio masters run"},
	{"alluxio.master.embedded.journal.addresses", "they follow from where the Alluxio masters run"},
}

// bindHosts are the properties that bind=agent sets.
var bindHosts = []string{"alluxio.master.bind.host", "alluxio.master.web.bind.host", "alluxio.worker.bind.host",
	"alluxio.worker.data.bind.host", "alluxio.worker.web.bind.host",
	"alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host"}

// isPlaced is true for a property whose value in the site file is not the one that Alluxio gets.
func (l *loader) isPlaced(name string) bool {
	if name == KeyHome {
		return !l.isLocal()
	}
	for _, p := range placed {
		if p.key == name {
			return true
		}
	}
	return false
}

// warnAbout collects what is allowed and still not what an operator would expect.
func (l *loader) warnAbout(s *Settings) {
	for _, p := range placed {
		if written, ok := l.find(p.key); ok && l.isPlaced(p.key) {
			l.warn("%s (%s) is set by placement and its value there is not used: %s; remove the line", p.key, written.Source,
				p.hint)
		}
	}
	for _, key := range bindHosts {
		if written, ok := l.find(key); ok && s.Bind == BindAgent {
			l.warn("%s (%s) is set by %s=%s and its value there is not used; remove one of the two lines", key, written.Source,
				KeyBind, BindAgent)
		}
	}
	l.warnOpenSite()
	l.warnOpenAPI(s)
	l.warnOwnTokens(s)
	l.warnShared(s.Master.Ports, s.Worker.Ports)
	l.warnUnderStore(s)
	l.warnOpenDownload(KeyJarURL, KeyJarSHA256, s.Install.Alluxio)
	l.warnOpenDownload(KeyJDKURL, KeyJDKSHA256, s.Install.JDK)
	l.warnUnmasked(s.Install.Version)
}
