package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// seenBy are the roles of table that see a property, in start order.
func seenBy(table *RoleTable, key string) string {
	var roles []string
	for _, role := range table.InStartOrder() {
		if table.Row(role).Sees(key) {
			roles = append(roles, table.Row(role).Group)
		}
	}
	return strings.Join(roles, " ")
}

func TestAPropertyIsSeenByTheRolesOfItsScope(t *testing.T) {
	t.Parallel()
	const masters, workers, all = "masters", "workers", "masters workers"
	for _, c := range []struct{ sentence, key, want string }{
		{"scope MASTER", "alluxio.master.heartbeat.timeout", masters},
		{"scope WORKER", "alluxio.worker.block.heartbeat.interval", workers},
		{"an alias of one", "alluxio.worker.block.heartbeat.interval.ms", workers},
		{"scope SERVER", "alluxio.work.dir", all},
		{"scope ALL", "alluxio.home", all},
		{"scope CLIENT: each process is a client", "alluxio.fuse.web.port", all},
		{"scope NONE says nothing", "alluxio.proxy.web.port", all},
		{"MASTER in one version and ALL in another", "alluxio.master.journal.type", all},
		{"a property of versions without scopes", "alluxio.fuse.fs.root", all},
		{"a template", "alluxio.master.embedded.journal.ratis.config.x", all},
		{"one that Alluxio does not know", "alluxio.master.no.such.property", all},
		{"one that is not Alluxio's", "fs.s3a.endpoint", all},
		{"what a client reads", "alluxio.user.file.writetype.default", all},
		{"security", "alluxio.security.group.mapping.class", all},
		{"ZooKeeper", "alluxio.zookeeper.session.timeout", all},
		{"the under store", "alluxio.underfs.listing.length", all},
		{"the root mount", KeyRootUFS, all},
		{"the port of masters that workers connect to", KeyMasterRPC, all},
		{"the same under its name in 1.x", keyMasterRPCOld, all},
		{"the default of a worker's property refers to it", "alluxio.master.worker.register.lease.enabled", all},
		{"the top tier", KeyRamdiskPath, workers},
	} {
		// What the job service and the proxy read is not known by scope: they see everything.
		if got, want := seenBy(AlluxioRoles(), c.key), c.want+" job masters job workers proxies"; got != want {
			t.Errorf("%s, %s: seen by %s, want %s", c.sentence, c.key, got, want)
		}
	}
}

func TestARoleWithoutScopesSeesEveryProperty(t *testing.T) {
	t.Parallel()
	table, err := AlluxioRoles().With(RoleRow{Role: "third", Group: "thirds", Start: 99, Stop: 99, Rollout: 99,
		Display: 99})
	if err != nil {
		t.Fatal(err)
	}
	if got := seenBy(table, "alluxio.worker.block.heartbeat.interval"); got != "workers job masters job workers proxies "+
		"thirds" {
		t.Errorf("seen by %s", got)
	}
}

func TestEveryCorrectionOfAScopeHasAReasonAndAnEffect(t *testing.T) {
	t.Parallel()
	for _, r := range readByAll {
		names := slices.Collect(maps.Keys(knownKeys().names))
		if !slices.ContainsFunc(names, func(name string) bool {
			scope := knownKeys().names[name] & scopeServer
			return strings.HasPrefix(name, r.prefix) && scope != 0 && scope != scopeServer
		}) {
			t.Errorf("%s: no property with this beginning has the scope of one role", r.prefix)
		}
		if r.reason == "" {
			t.Errorf("%s has no reason", r.prefix)
		}
	}
}

// What a property of Alluxio's own restarts follows from its scope: a list of roles would say it twice.
func TestOnlyPropertiesOfTheFrameworkListTheRolesThatTheyRestart(t *testing.T) {
	t.Parallel()
	for _, k := range Keys {
		if !IsOurs(k.Name) && len(k.Restarts) > 0 {
			t.Errorf("%s lists %v", k.Name, k.Restarts)
		}
	}
}

func TestARoleSeesThePropertiesToWhichOthersThatItSeesRefer(t *testing.T) {
	t.Parallel()
	const master, worker = "alluxio.master.heartbeat.timeout", "alluxio.worker.block.heartbeat.interval"
	for _, c := range []struct {
		sentence   string
		site       []string
		java, want string
	}{
		{"no reference", []string{master + "=1min", worker + "=1s"}, "", worker},
		{"a reference", []string{worker + "=${" + master + "}", master + "=1min"}, "", worker + " " + master},
		{"a reference of a reference", []string{master + "=${alluxio.master.bind.host}", worker + "=x${" + master + "}y",
			"alluxio.master.bind.host=z"}, "", master + " " + worker + " alluxio.master.bind.host"},
		{"a circle", []string{worker + "=${" + master + "}", master + "=${" + worker + "}"}, "", worker + " " + master},
		{"a reference of a property that it does not see", []string{master + "=${alluxio.master.bind.host}",
			"alluxio.master.bind.host=z"}, "", ""},
		{"a reference of a JVM option", []string{master + "=1min"}, "-Da=${" + master + "}", master},
	} {
		settings := &Settings{Roles: AlluxioRoles(), Worker: RoleSettings{JavaOpts: strings.Fields(c.java)}}
		for _, line := range c.site {
			key, value, _ := strings.Cut(line, "=")
			settings.Site = append(settings.Site, Property{Key: key, Value: value})
		}
		var got []string
		for _, p := range settings.SiteOf(Worker) {
			got = append(got, p.Key)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: a worker sees %v, want %s", c.sentence, got, c.want)
		}
	}
}
