package config

import "strings"

// placed are properties of Alluxio that placement decides, each with what an operator can do instead of setting it.
var placed = []struct{ key, mend string }{
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
var bindHosts = []string{"alluxio.master.bind.host", "alluxio.master.web.bind.host", "alluxio.worker.bind.host", "alluxio.worker.data.bind.host", "alluxio.worker.web.bind.host",
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
			l.warn("%s (%s) is set by placement and its value there is not used: %s; remove the line", p.key, written.Source, p.mend)
		}
	}
	for _, key := range bindHosts {
		if written, ok := l.find(key); ok && s.Bind == BindAgent {
			l.warn("%s (%s) is set by %s=%s and its value there is not used; remove one of the two lines", key, written.Source, KeyBind, BindAgent)
		}
	}
	l.warnOpenSite()
	l.warnOpenAPI(s)
	l.warnOwnTokens(s)
	l.warnShared(s.Master.Ports, s.Worker.Ports)
	l.warnLocalUnderStore(s)
	l.warnOpenDownload(KeyJarURL, KeyJarSHA256, s.Install.Alluxio)
	l.warnOpenDownload(KeyJDKURL, KeyJDKSHA256, s.Install.JDK)
	l.warnUnmasked(s.Install.Version)
}

// warnLocalUnderStore speaks up when every host would have an under store of its own.
func (l *loader) warnLocalUnderStore(s *Settings) {
	if s.Worker.Count == 1 || s.Worker.Count == 0 {
		return
	}
	// 2.x knows the old name as an alias, 1.x does not know the new one.
	key := KeyRootUFS
	written, ok := l.find(key)
	if older, okOld := l.find(KeyUnderFSAddress); family(s.Install.Version) == 1 || (okOld && !ok) {
		key, written, ok = KeyUnderFSAddress, older, okOld
	}
	where := "a folder inside Alluxio's home, since " + key + " is not set"
	if ok {
		location, err := l.expand(strings.TrimSpace(written.Value))
		if err == nil && location != "" && !isHostLocal(location) {
			return
		}
		where = "a local folder (" + written.Key + ", " + written.Source + ")"
	}
	l.warn("DATA WILL BE LOST OR NOT FOUND when workers run on several hosts: the under store is %s, so each host writes to its own; set %s to storage that every host reaches, such as hdfs://namenode:9000/alluxio or s3://bucket/alluxio, or %s=1. If the same network folder is mounted there on every host, all is well", where, key, KeyWorkerCount)
}
