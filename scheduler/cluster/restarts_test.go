package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
)

// change is two values of a property; "" is a site file without it. with are lines that both site
// files have.
type change struct {
	from, to string
	with     []string
}

var (
	embedded  = []string{config.KeyJournalType + "=EMBEDDED"}
	reserved  = []string{config.KeyMesosRole + "=alluxio", config.KeyPrincipal + "=alluxio"}
	zookeeper = []string{config.KeyZooKeeperEnabled + "=true", config.KeyJournalFolder + "=hdfs://nn/j"}
	mounted   = []string{config.KeyDataDir + "=/data", config.KeyRamdiskPath + "=/mnt/ramdisk"}
	image     = append([]string{config.KeyContainerImage + "=alluxio"}, mounted...)
)

// digits are a SHA-256 digest.
var digits = strings.Repeat("0123456789abcdef", 4)

// changes has a change of every property of config.Keys. DIR is a folder with certificates and secrets.
var changes = map[string]change{
	config.KeyJarURL:         {from: "http://h/alluxio-2.9.6-bin.tar.gz", to: "http://i/alluxio-2.9.6-bin.tar.gz"},
	config.KeyJarSHA256:      {to: digits},
	config.KeyVersion:        {from: "2.9.6", to: "2.9.5"},
	config.KeyHome:           {from: "/opt/alluxio", to: "/opt/other", with: []string{config.KeyJarURL + "=LOCAL"}},
	config.KeyJDKURL:         {to: "http://h/jdk.tar.gz"},
	config.KeyJDKSHA256:      {to: digits, with: []string{config.KeyJDKURL + "=http://h/jdk.tar.gz"}},
	config.KeyJDKPath:        {to: "jdk", with: []string{config.KeyJDKURL + "=http://h/jdk.tar.gz"}},
	config.KeyCacheDir:       {to: "/cache"},
	config.KeyCacheSize:      {to: "5GB"},
	config.KeyContainerImage: {to: "alluxio", with: mounted},
	config.KeyContainerType:  {from: "MESOS", to: "DOCKER", with: image},
	config.KeyFrameworkName:  {to: "other"},
	config.KeyUser:           {from: "one", to: "two"},
	config.KeyMesosRole:      {to: "alluxio"},
	config.KeyPrincipal:      {to: "other"},
	config.KeySecret:         {from: "one", to: "two", with: []string{config.KeyPrincipal + "=alluxio"}},
	config.KeySecretFile:     {from: "DIR/secret", to: "DIR/secret2", with: []string{config.KeyPrincipal + "=alluxio"}},
	config.KeyTLS:            {to: "true"},
	config.KeyTLSCAFile:      {from: "DIR/ca.pem", to: "DIR/ca2.pem", with: []string{config.KeyTLS + "=true"}},
	config.KeyTLSCertFile: {from: "DIR/cert", to: "DIR/cert2",
		with: []string{config.KeyTLS + "=true", config.KeyTLSKeyFile + "=DIR/key"}},
	config.KeyTLSKeyFile: {from: "DIR/key", to: "DIR/key2",
		with: []string{config.KeyTLS + "=true", config.KeyTLSCertFile + "=DIR/cert"}},
	config.KeyFailoverTimeout:   {to: "7d"},
	config.KeyGPUAgents:         {to: "true"},
	config.KeyMasterName:        {to: "Other"},
	config.KeyMasterCount:       {from: "1", to: "3", with: embedded},
	config.KeyMasterHost:        {to: "a"},
	config.KeyMasterCPUs:        {to: "2"},
	config.KeyMasterMem:         {to: "2GB"},
	config.KeyMasterJavaOpts:    {to: "-Dx=y"},
	config.KeyMasterUnreachable: {to: "40s"},
	config.KeyMasterConstraints: {to: "rack:LIKE:r1"},
	config.KeyWorkerName:        {to: "Other"},
	config.KeyWorkerCount:       {from: "2", to: "3"},
	config.KeyWorkerCPUs:        {to: "2"},
	config.KeyWorkerMem:         {to: "2GB"},
	config.KeyWorkerJavaOpts:    {to: "-Dx=y"},
	config.KeyWorkerUnreachable: {to: "40s"},
	config.KeyWorkerConstraints: {to: "rack:LIKE:r1"},
	config.KeyJobEnabled:        {from: "true", to: "false"},
	config.KeyJobMasterCPUs:     {to: "2"},
	config.KeyJobMasterMem:      {to: "2GB"},
	config.KeyJobMasterJavaOpts: {to: "-Dx=y"},
	config.KeyJobWorkerCPUs:     {to: "2"},
	config.KeyJobWorkerMem:      {to: "2GB"},
	config.KeyJobWorkerJavaOpts: {to: "-Dx=y"},
	config.KeyProxyName:         {to: "Other"},
	config.KeyProxyCount:        {from: "1", to: "2"},
	config.KeyProxyCPUs:         {to: "2"},
	config.KeyProxyMem:          {to: "2GB"},
	config.KeyProxyJavaOpts:     {to: "-Dx=y"},
	config.KeyProxyConstraints:  {to: "rack:LIKE:r1"},
	config.KeyProxyUnreachable:  {to: "40s"},
	config.KeyMasterVolume:      {to: "1GB", with: reserved},
	config.KeyWorkerVolume:      {to: "1GB", with: reserved},
	config.KeyReplaceAfter:      {to: "1h"},
	config.KeyRamdiskSize:       {to: "2GB"},
	config.KeyRamdiskPath:       {to: "/mnt/ramdisk"},
	config.KeyTierLevels: {to: "2", with: []string{config.TierKey(1, "dirs.path") + "=/ssd",
		config.TierKey(1, "alias") + "=SSD",
		config.TierKey(1, "dirs.quota") + "=1GB"}},
	config.KeyRamdiskSudo:      {to: "true"},
	config.KeyJournalFolder:    {to: "hdfs://nn/j"},
	config.KeyJournalType:      {from: "UFS", to: "EMBEDDED"},
	config.KeyJournalShared:    {to: "true", with: []string{config.KeyJournalFolder + "=/journal"}},
	config.KeyZooKeeperEnabled: {to: "true", with: []string{config.KeyZooKeeperAddress + "=z:2181", zookeeper[1]}},
	config.KeyZooKeeperAddress: {from: "z:2181", to: "y:2181", with: zookeeper},
	config.KeyDataDir:          {to: "/data"},
	config.KeyRootUFS:          {to: "hdfs://nn/b"},
	config.KeyUnderFSAddress:   {to: "hdfs://nn/b"},
	config.KeyBind:             {to: "agent"},
	config.KeyMasterRPC:        {to: "1998"},
	config.KeyMasterWeb:        {to: "1999"},
	config.KeyMasterRaft:       {to: "1920", with: embedded},
	config.KeyWorkerRPC:        {to: "2999"},
	config.KeyWorkerData:       {to: "2998"},
	config.KeyWorkerWeb:        {to: "3000"},
	config.KeyJobMasterRPC:     {to: "2001"},
	config.KeyJobMasterWeb:     {to: "2002"},
	config.KeyJobMasterRaft:    {to: "2003", with: embedded},
	config.KeyJobWorkerRPC:     {to: "3001"},
	config.KeyJobWorkerData:    {to: "3002"},
	config.KeyJobWorkerWeb:     {to: "3003"},
	config.KeyProxyWeb:         {to: "3999"},
	config.KeyBackupDir:        {to: "/backups"},
	config.KeyBackupInterval:   {to: "1d", with: []string{config.KeyBackupDir + "=/backups"}},
	config.KeyBackupKeep:       {to: "3", with: []string{config.KeyBackupDir + "=/backups"}},
	config.KeyKillGrace:        {to: "1min"},
	config.KeyUpdateParallel:   {to: "2"},
	config.KeyMaxUnavailable:   {to: "2"},
	config.KeyUnpersisted:      {to: "lose"},
	config.KeyStartTimeout:     {to: "5min"},
	config.KeyHangTimeout:      {to: "3min"},
	config.KeyExecutorPath:     {to: "/bin/alluxio-mesos"},
	config.KeyArtifactAddress:  {to: ":8080"},
	config.KeyAPIAddress:       {to: "127.0.0.1:8081"},
	config.KeyAPICertFile:      {from: "DIR/cert", to: "DIR/cert2", with: []string{config.KeyAPIKeyFile + "=DIR/key"}},
	config.KeyAPIKeyFile:       {from: "DIR/key", to: "DIR/key2", with: []string{config.KeyAPICertFile + "=DIR/cert"}},
	config.KeyAPITokenFile:     {to: "DIR/secret"},
	config.KeyState:            {to: "zk://z:2181/alluxio"},
	config.KeyZooKeeperTimeout: {to: "20s"},
	config.KeyStateDir:         {to: "DIR/state"},
}

// secretsIn fills a folder with what the files of changes are.
func secretsIn(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ca, err := certificate.NewCA(dir)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue("framework", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{"ca.pem": ca.File, "ca2.pem": ca.File, "cert": pair.CertFile,
		"cert2": pair.CertFile, "key": pair.KeyFile, "key2": pair.KeyFile, "secret": "", "secret2": ""} {
		data := []byte("a secret of " + name)
		if source != "" {
			if data, err = os.ReadFile(source); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// loadSite loads a site file with these lines, of which the last with a key counts.
func loadSite(t *testing.T, dir string, lines ...string) *config.Settings {
	t.Helper()
	base := []string{config.KeyJarURL + "=http://h/alluxio-2.9.6-bin.tar.gz", config.KeyRootUFS + "=hdfs://nn/a",
		config.KeyProxyCount + "=1"}
	site := strings.ReplaceAll(strings.Join(append(base, lines...), "\n"), "DIR", dir)
	conf := t.TempDir()
	if err := os.WriteFile(filepath.Join(conf, config.SiteFile), []byte(site), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load(config.Options{ConfDir: conf, StateDir: dir, MesosMaster: "m:5050"})
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// recordWithTasks is the Record of a cluster with one serving task of each role that it has.
func recordWithTasks(t *testing.T, settings *config.Settings) saved {
	t.Helper()
	s := stateWith(t, settings)
	s.record.frameworkID = "f1"
	for i, role := range settings.Roles.InStartOrder() {
		if settings.Of(role).Count == 0 {
			continue
		}
		slot := s.slots.byName[slotName(role, 0)]
		if slot == nil {
			slot = s.newSlot(role, 0)
			s.add(slot)
		}
		slot.Host, slot.Ports = string(rune('a'+i)), map[config.PortName]uint16{}
		for _, port := range settings.Of(role).Ports {
			slot.Ports[port.Name] = max(port.Number, 1)
		}
		if primary := s.primaryOf(slot); primary != nil {
			slot.Host = primary.Host
		}
		slot.Task = &Task{ID: taskID(slot.Name, 1), AgentID: "agent-" + slot.Host, State: mesos.TASK_RUNNING,
			Launched: epoch, Election: settings.Election, CPUs: s.derived.requests[role].CPUs,
			Fingerprint: s.fingerprint(role, slot.Host, slot.Ports)}
		if leader := settings.Roles.Row(role).Registers; leader != "" {
			slot.Task.RegisteredWith = taskID(slotName(leader, 0), 1)
		}
	}
	return rowsOf(s)
}

// outdatedRoles are the roles whose tasks in record are outdated for settings.
func outdatedRoles(t *testing.T, record saved, settings *config.Settings) (roles []config.Role) {
	t.Helper()
	s, names := outdatedAfter(t, record, settings)
	for _, name := range names {
		roles = append(roles, s.slots.byName[name].Role)
	}
	slices.Sort(roles)
	return roles
}

// TestAChangedPropertyOutdatesTheTasksThatTheDocumentationNames changes each property of the key
// table: the page on configuration is made of the same Restarts.
func TestAChangedPropertyOutdatesTheTasksThatTheDocumentationNames(t *testing.T) {
	t.Parallel()
	dir := secretsIn(t)
	for i := range config.Keys {
		key := &config.Keys[i]
		t.Run(key.Name, func(t *testing.T) {
			t.Parallel()
			c, known := changes[key.Name]
			if !known {
				t.Fatal("there is no change of it")
			}
			site := func(value string) *config.Settings {
				lines := c.with
				if value != "" {
					lines = append(slices.Clone(lines), key.Name+"="+value)
				}
				return loadSite(t, dir, lines...)
			}
			before, after := site(c.from), site(c.to)
			want := slices.DeleteFunc(slices.Sorted(slices.Values(before.Roles.Restarts(key))), func(role config.Role) bool {
				return before.Of(role).Count == 0 // while the version of Alluxio is unknown
			})
			record := recordWithTasks(t, before)
			if got := outdatedRoles(t, record, before); len(got) > 0 {
				t.Fatalf("without a change %v are outdated", got)
			}
			if got := outdatedRoles(t, record, after); !slices.Equal(got, want) {
				t.Errorf("%v are outdated, and the documentation says %v", got, want)
			}
		})
	}
}

// TestAChangedPropertyOfAlluxioOutdatesTheRolesThatSeeIt changes each property that Alluxio has.
func TestAChangedPropertyOfAlluxioOutdatesTheRolesThatSeeIt(t *testing.T) {
	t.Parallel()
	for _, name := range alluxioKeys(t) {
		before, after := testSettings(1), testSettings(1)
		before.Site = []config.Property{{Key: name, Value: "1"}}
		after.Site = []config.Property{{Key: name, Value: "2"}}
		for _, role := range before.Roles.InStartOrder() {
			changed := settingsDigest(before, role) != settingsDigest(after, role)
			if sees := before.Roles.Row(role).Sees(name); changed != sees {
				t.Errorf("%s: %s is outdated: %v, and sees it: %v", name, role, changed, sees)
			}
		}
	}
}

// alluxioKeys are the properties of Alluxio that package config knows.
func alluxioKeys(t *testing.T) (names []string) {
	t.Helper()
	data, err := os.ReadFile("../../config/alluxio_keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		names = append(names, strings.ReplaceAll(name, "%s", "x"))
	}
	return names
}

// TestTheRolesThatSeeAPropertyAreTheSameInEveryVersion: where another version of this binary says
// that a role sees a property, or does not, the same settings have another fingerprint.
func TestTheRolesThatSeeAPropertyAreTheSameInEveryVersion(t *testing.T) {
	t.Parallel()
	roles := config.AlluxioRoles()
	for role, golden := range map[config.Role]string{config.Master: "9497cdd7a3ef8ef52a4cd683",
		config.Worker: "6821d344c3f0b4132929e0cd"} {
		var unseen []string
		for _, name := range alluxioKeys(t) {
			if !roles.Row(role).Sees(name) {
				unseen = append(unseen, name)
			}
		}
		if got := digest([]byte(strings.Join(unseen, " "))); got != golden {
			t.Errorf("the %d properties that %s does not see have the digest %s, and it was %s: count fingerprintVersion up, "+
				"and keep the version before computable", len(unseen), role, got, golden)
		}
	}
}
