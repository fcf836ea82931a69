package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

func (tr *transcript) plan(fields map[string]string) {
	count := config.AllHosts
	if text := fields["alluxio-worker"]; text != "all" {
		count, _ = strconv.Atoi(text)
	}
	tr.settings = testSettings(count)
	if role := fields["role"]; role != "" {
		tr.settings.MesosRole = role
	}
	for _, v := range []struct {
		key string
		to  *config.Bytes
	}{{"master-volume", &tr.settings.Master.Volume}, {"worker-volume", &tr.settings.Worker.Volume}} {
		if text, ok := fields[v.key]; ok {
			*v.to, _ = config.ParseBytes(text)
		}
	}
	tr.addTestRoles(fields)
	for i, text := range strings.Split(fields["tier-on-disk"], ",") {
		if size, _ := config.ParseBytes(text); size > 0 {
			tr.settings.Folders = append(tr.settings.Folders,
				config.Folder{Level: 1, Path: "/disk" + strconv.Itoa(i), Disk: true, Size: size})
		}
	}
	if size, _ := config.ParseBytes(fields["tier-in-memory"]); size > 0 {
		tr.settings.Folders = append(tr.settings.Folders, config.Folder{Path: "/ram", Size: size})
	}
	tr.settings.ReplaceAfter, _ = time.ParseDuration(fields["replace-after"])
	tr.settings.Unpersisted = cmp.Or(config.Unpersisted(fields["unpersisted"]), config.WaitForUnpersisted)
	tr.settings.Master.Host = fields["pin"]
	if version := fields["version"]; version != "" {
		install(tr.settings, version)
	}
	tr.settings.Master.Constraints, tr.settings.Worker.Constraints = tr.constraints(fields["master.constraints"]),
		tr.constraints(fields["worker.constraints"])
	tr.settings.Journal.Shared = fields["journal"] == "shared"
	tr.settings.Journal.AllowLoss = fields["journal"] == "lose"
	if text := fields["worker.unreachable"]; text != "" {
		tr.settings.Worker.Unreachable, _ = time.ParseDuration(text)
	}
	if tr.settings.Journal.Shared {
		tr.settings.Journal.Folder = "hdfs://nn/journal"
	}
	tr.elect(fields["election"], fields["masters"])
	if fields["ports"] == "any" {
		for _, role := range tr.settings.Roles.InStartOrder() {
			for i := range tr.settings.Of(role).Ports {
				tr.settings.Of(role).Ports[i].Number = 0
			}
		}
	}
	tr.start()
}

// elect makes the settings those of several masters.
func (tr *transcript) elect(by, count string) {
	switch by {
	case "zookeeper":
		tr.settings.Election, tr.settings.Journal = config.ByZooKeeper,
			config.Journal{Folder: "hdfs://nn/journal", Shared: true}
	case "journal":
		tr.settings.Election = config.ByJournal
		tr.settings.Master.Ports = append(tr.settings.Master.Ports,
			config.Port{Name: config.MasterRaft, Number: 19200, Key: config.KeyMasterRaft})
	default:
		return
	}
	tr.settings.Master.Count, _ = strconv.Atoi(count)
}

// install makes the settings those of a tarball of this version of Alluxio.
func install(settings *config.Settings, version string) {
	settings.Install.Version = version
	settings.Install.Alluxio.URL = "http://h/alluxio-" + version + "-bin.tar.gz"
}

// change edits the site file and tells the running framework of it; what is refused is a line of
// the transcript's answer.
func (tr *transcript) change(fields map[string]string) {
	settings := *tr.settings
	settings.Site = slices.Clone(settings.Site)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		switch key {
		case "journal.folder":
			settings.Journal.Folder = fields[key]
		case "alluxio-worker":
			settings.Worker.Count, _ = strconv.Atoi(fields[key])
		case "worker.constraints":
			settings.Worker.Constraints = tr.constraints(fields[key])
		case "master.cpus":
			settings.Master.CPUs, _ = strconv.ParseFloat(fields[key], 64)
		case "worker.cpus":
			settings.Worker.CPUs, _ = strconv.ParseFloat(fields[key], 64)
		case "master.mem":
			settings.Master.Mem, _ = config.ParseBytes(fields[key])
		case "worker.mem":
			settings.Worker.Mem, _ = config.ParseBytes(fields[key])
		case "worker.unreachable":
			settings.Worker.Unreachable, _ = time.ParseDuration(fields[key])
		case "election":
			settings.Election = config.Election(fields[key])
		case "masters":
			settings.Master.Count, _ = strconv.Atoi(fields[key])
		case "raft":
			settings.Master.Ports = slices.Clone(settings.Master.Ports)
			number, _ := strconv.Atoi(fields[key])
			settings.Master.Ports[2].Number = uint16(number)
		case "rpc":
			settings.Master.Ports = slices.Clone(settings.Master.Ports)
			number, _ := strconv.Atoi(fields[key])
			settings.Master.Ports[0].Number = uint16(number)
			key := settings.Master.Ports[0].Key
			settings.Site = slices.DeleteFunc(settings.Site, func(p config.Property) bool { return p.Key == key })
			settings.Site = append(settings.Site, config.Property{Key: key, Value: strconv.Itoa(number)})
		case "journal":
			settings.Journal.AllowLoss = fields[key] == "lose"
		case "backup.dir":
			settings.Backup.Dir, settings.Backup.Keep = fields[key], 5
		case "backup.interval":
			settings.Backup.Interval, _ = time.ParseDuration(fields[key])
		case "unpersisted":
			settings.Unpersisted = config.Unpersisted(fields[key])
		case "version":
			install(&settings, fields[key])
		case "parallel":
			settings.UpdateParallel, _ = strconv.Atoi(fields[key])
			settings.MaxUnavailable = settings.UpdateParallel
		case "unavailable":
			settings.MaxUnavailable, _ = strconv.Atoi(fields[key])
		default:
			settings.Site = slices.DeleteFunc(settings.Site, func(p config.Property) bool { return p.Key == key })
			settings.Site = append(settings.Site, config.Property{Key: key, Value: fields[key]})
		}
	}
	if err := tr.state.CheckSettings(&settings); err != nil {
		tr.said = err.Error()
		return
	}
	tr.settings = &settings
	tr.state.Apply(Reconfigured{Settings: tr.settings}, tr.now)
}

// later is a time that is so far away.
func (tr *transcript) later(text string) time.Time {
	d, err := time.ParseDuration(text)
	if err != nil {
		tr.t.Fatal(err)
	}
	return tr.now.Add(d)
}

func (tr *transcript) constraints(text string) []config.Constraint {
	list, err := config.ParseConstraints(text)
	if err != nil {
		tr.t.Fatal(err)
	}
	return list
}
