package config

import (
	"cmp"
	"path"
	"regexp"
	"strings"
	"time"
)

// settings assembles Settings. A value that could not be read is zero here; its Problem is already
// recorded.
func (l *loader) settings() *Settings {
	in := l.install()
	s := &Settings{
		Name: get[string](l, KeyFrameworkName), User: get[string](l, KeyUser), MesosRole: get[string](l, KeyMesosRole),
		Principal: get[string](l, KeyPrincipal), Secret: l.secret(), MesosTLS: l.mesosTLS(),
		FailoverTimeout: get[time.Duration](l, KeyFailoverTimeout),
		GPUAgents:       get[bool](l, KeyGPUAgents),
		Roles:           l.roles, Install: in,
		Ramdisk: Ramdisk{Size: get[Bytes](l, KeyRamdiskSize), Sudo: get[bool](l, KeyRamdiskSudo)},
		Journal: l.journal(), Bind: get[BindMode](l, KeyBind),
		UpdateParallel: get[int](l, KeyUpdateParallel),
		MaxUnavailable: max(get[int](l, KeyMaxUnavailable), get[int](l, KeyUpdateParallel)),
		KillGrace:      get[time.Duration](l, KeyKillGrace),
		Unpersisted:    get[Unpersisted](l, KeyUnpersisted),
		StartTimeout:   get[time.Duration](l, KeyStartTimeout),
		HangTimeout:    get[time.Duration](l, KeyHangTimeout),
		ExecutorPath:   get[string](l, KeyExecutorPath), ArtifactAddress: get[string](l, KeyArtifactAddress),
		APIAddress: get[string](l, KeyAPIAddress),
		APITLS:     l.tlsFiles("", KeyAPICertFile, KeyAPIKeyFile), APIToken: l.apiToken(),
		ConfDir: l.options.ConfDir, LogsDir: l.options.LogsDir, StateDir: l.stateDir(),
		Site: l.site(), Files: l.files(),
	}
	l.readRoles(s)
	s.MesosMaster, s.MesosZooKeeper = l.mesosMaster()
	s.Election = l.election(s)
	s.StateZooKeeper, s.ZooKeeperTimeout = get[ZooKeeper](l, KeyState), get[time.Duration](l, KeyZooKeeperTimeout)
	if s.Secret.IsSet() && s.Principal == "" {
		l.problem(KeyPrincipal, "a secret is set, and a secret needs its principal; set both or neither")
	}
	l.refuseSecretOptions()
	for _, role := range l.roles.InStartOrder() {
		l.checkOptions(l.roles.Row(role), s.Of(role))
	}
	l.checkConstraints(s)
	s.ReplaceAfter = get[time.Duration](l, KeyReplaceAfter)
	l.volumes(s)
	l.tiers(s)
	l.container(s)
	l.backup(s)
	l.warnAbout(s)
	s.Warnings, s.inShort = l.warnings, l.inShort
	return s
}

// readRoles reads the properties of the roles that run.
func (l *loader) readRoles(s *Settings) {
	s.Others = map[Role]*RoleSettings{}
	for _, role := range l.roles.InStartOrder() {
		row := l.roles.Row(role)
		if !l.runs(s, row) {
			continue
		}
		r := l.role(row, s.Install.Version)
		switch role {
		case Master:
			s.Master = r
		case Worker:
			s.Worker = r
		default:
			if row.Beside != "" {
				r.Count, r.Unreachable = 1, s.Of(row.Beside).Unreachable
			}
			if r.Count != 0 {
				s.Others[role] = &r
			}
		}
	}
	l.checkCompanionPorts(s)
}

// runs says whether a role runs with a version of Alluxio. With the switch `auto` a companion runs if
// the version is known to have it and the site file names no job masters of its own.
func (l *loader) runs(s *Settings, row *RoleRow) bool {
	version := s.Install.Version
	absent := row.Version2 && family(version) == 1
	if row.Keys.Switch == "" {
		if count := get[int](l, row.Keys.Count); absent && count != 0 {
			l.problem(row.Keys.Count, "Alluxio %s has no %s; set it to 0, or use Alluxio 2.x", version, row.Label)
		}
		return !absent
	}
	switch get[string](l, row.Keys.Switch) {
	case "false":
		return false
	case "auto":
		return (!row.Version2 || family(version) == 2) && !s.NamesJobMasters()
	}
	if absent && !l.hasProblem(row.Keys.Switch) { // job masters and job workers share their switch
		l.problem(row.Keys.Switch, "Alluxio %s has no job service; remove the line, or use Alluxio 2.x", version)
	}
	return !absent
}

// role reads the properties that a role has of its own.
func (l *loader) role(row *RoleRow, version string) RoleSettings {
	r := RoleSettings{
		Name: cmp.Or(get[string](l, row.Keys.Name), row.TaskName), Count: get[int](l, row.Keys.Count),
		CPUs: get[float64](l, row.Keys.CPUs), Mem: get[Bytes](l, row.Keys.Mem), Volume: get[Bytes](l, row.Keys.Volume),
		Ports: l.ports(row, version), JavaOpts: get[[]string](l, row.Keys.JavaOpts),
		Constraints: get[[]Constraint](l, row.Keys.Constraints), Unreachable: get[time.Duration](l, row.Keys.Unreachable),
	}
	if row.Keys.Host != "" {
		r.Host = l.host(row.Keys.Host)
	}
	return r
}

// mesosMaster reads MESOS_MASTER, the argument of the command line.
func (l *loader) mesosMaster() (text string, zookeeper ZooKeeper) {
	if l.options.MesosMaster == "" && l.options.NoMesosMaster {
		return "", zookeeper
	}
	text, err := l.writtenMesosMaster()
	if err == nil && IsZooKeeper(text) {
		if zookeeper, err = ParseZooKeeper(text); err == nil {
			return zookeeper.String(), zookeeper
		}
	} else if err == nil {
		if text, err = parseMesosMaster(text); err == nil {
			return text, zookeeper
		}
	}
	written := shown("", l.options.MesosMaster)
	switch at := strings.LastIndexByte(written, '@'); { // in front of which may be a password
	case IsZooKeeper(l.options.MesosMaster):
		written = "zk://***"
	case at >= 0:
		written = "***" + written[at:]
	}
	l.problems = append(l.problems, Problem{Value: written, Source: sourceMesosMaster, Message: err.Error()})
	return "", zookeeper
}

// host is the host that the property key pins a role to, or that the command line names for masters.
func (l *loader) host(key string) string {
	host := l.options.MasterHost
	if host == "" || key != KeyMasterHost {
		return get[string](l, key)
	}
	if _, err := KindHost.parse(host); err != nil {
		l.problems = append(l.problems, Problem{Value: shown("", host), Source: sourceMasterHost, Message: err.Error()})
	}
	return host
}

func (l *loader) stateDir() string { return cmp.Or(get[string](l, KeyStateDir), l.options.StateDir) }

// site is everything for Alluxio.
func (l *loader) site() []Property {
	var site []Property
	for _, p := range l.entries {
		if !IsOurs(p.Key) {
			site = append(site, p)
		}
	}
	return site
}

func (l *loader) journal() Journal {
	j := Journal{Folder: get[string](l, KeyJournalFolder), DataDir: get[string](l, KeyDataDir),
		AllowLoss: l.options.LoseJournal}
	switch shared := get[string](l, KeyJournalShared); shared {
	case "true":
		if j.Folder == "" && j.DataDir == "" {
			l.problem(KeyJournalShared,
				"the journal is said to be on storage that every host sees, but not where; set %s or %s to that folder",
				KeyJournalFolder, KeyDataDir)
		}
		j.Shared = true
	case "auto":
		j.Shared = !isHostLocal(j.Folder)
	}
	if j.Folder != "" && isHostLocal(j.Folder) && !path.IsAbs(localPath(j.Folder)) {
		l.problem(KeyJournalFolder,
			"a folder of the host must be absolute, such as /var/lib/alluxio/journal: a relative one would be inside the "+
				"task's sandbox and lost with it")
	}
	return j
}

var uriText = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):/`)

// isHostLocal is true for a location that means another place on every host: a plain path, file: or
// nothing. net/url is no judge here: hdfs://a:8020,b:8020/ is fine for Alluxio.
func isHostLocal(location string) bool {
	scheme := uriText.FindStringSubmatch(location)
	return scheme == nil || strings.EqualFold(scheme[1], "file")
}

// localPath is the path of a location on the host.
func localPath(location string) string {
	if scheme := uriText.FindStringSubmatch(location); scheme != nil {
		location = strings.TrimPrefix(location[len(scheme[1])+1:], "//")
	}
	return location
}
