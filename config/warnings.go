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
	{"alluxio.job.worker.hostname", "the host name comes from the offer"},
	{"alluxio.proxy.web.hostname", "the host name comes from the offer"},
}

// jobMasterKeys are the properties that name job masters. Placement decides them where the framework runs
// job masters, else the site file may name others.
var jobMasterKeys = []string{"alluxio.job.master.hostname", "alluxio.job.master.rpc.addresses",
	"alluxio.job.master.embedded.journal.addresses"}

// bindHosts are the properties that bind=agent sets.
var bindHosts = []string{"alluxio.master.bind.host", "alluxio.master.web.bind.host", "alluxio.worker.bind.host",
	"alluxio.worker.data.bind.host", "alluxio.worker.web.bind.host",
	"alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host", "alluxio.job.master.bind.host",
	"alluxio.job.master.web.bind.host", "alluxio.job.worker.bind.host", "alluxio.job.worker.web.bind.host",
	"alluxio.proxy.web.bind.host"}

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
	for _, key := range jobMasterKeys {
		if written, ok := l.find(key); ok && s.Of(JobMaster).Count != 0 {
			l.warn("%s (%s) is set by placement and its value there is not used: it follows from where the job masters run; "+
				"remove the line, or set %s=false to use other job masters", key, written.Source, KeyJobEnabled)
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
	l.warnSamePorts(s)
	l.warnUnderStore(s)
	l.warnOpenDownload(KeyJarURL, KeyJarSHA256, s.Install.Alluxio)
	l.warnOpenDownload(KeyJDKURL, KeyJDKSHA256, s.Install.JDK)
	l.warnUnmasked(s.Install.Version)
	l.warnNeverPersisted(s)
}

// warnNeverPersisted warns of a write type of clients that needs a job service where there is none.
func (l *loader) warnNeverPersisted(s *Settings) {
	if family(s.Install.Version) != 2 || s.Of(JobWorker).Count != 0 || s.NamesJobMasters() || !s.WritesAsync() {
		return
	}
	what := "is not set, and the default of Alluxio 2.x is ASYNC_THROUGH"
	if written, ok := l.find(KeyWriteType); ok {
		what = "is ASYNC_THROUGH (" + written.Source + ")"
	}
	l.warn("WRITTEN FILES WILL BE LOST: %s %s, and without the job service such files are never written to the under "+
		"store; remove %s=false, or set %s=CACHE_THROUGH", KeyWriteType, what, KeyJobEnabled, KeyWriteType)
}
