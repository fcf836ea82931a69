package config

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

const documentHead = `# Configuration

This page is generated from the table of keys in ` + "`config/keytable.go`" + `; a test keeps it so.

Properties are set in ` + "`conf/" + SiteFile + "`" + `, or with ` + "`--property key=value`" +
	` on the command line. ` + Precedence + `

- The file is read exactly as java.util.Properties reads it: ISO-8859-1, ` + "`\\uXXXX`" +
	` for other characters, a backslash before a line end joins lines.
- A property under ` + "`" + Prefix + "`" +
	` is for the framework and never reaches Alluxio. One that is not in this table is an error.
- Every other property reaches masters and workers as it is written, ` + "`${...}`" +
	` included, but for the few at the end of this page.
- Beside the site file, ` + "`log4j.properties`, `metrics.properties`, `core-site.xml` and `hdfs-site.xml`" +
	` travel to every task when they are in the same folder. ` + "`" + envFile + "`" + ` is not run.
- Sizes are a number with B, KB, MB, GB, TB or PB (powers of 1024, as in Alluxio). Times are a number
  with ms, s, min, h or d, or Go's notation such as 1h30m; a number alone is milliseconds.
- MESOS_MASTER is ` + "`host:port`" + `, a comma list of all Mesos masters, or ` +
	"`zk://[user:password@]host:2181,host:2181/mesos`" + `; the port is 5050 when it is not given. Or it is ` +
	"`file:///path`" + `, a file with one of these in it: a password belongs there.
- A secret is never taken from the command line: ` + "`--property`" + ` with one is refused.
- "Restarts" names the tasks that are relaunched for a change of the value to take effect. Of a property of Alluxio that
  is not in the table it is those of its scope in Alluxio's own reference, and all tasks in doubt.

| Property | Value | Default | Restarts | What it does | From |
|---|---|---|---|---|---|
`

const ownershipHead = `
## Alluxio's own properties

The framework sets these when it places a task. A line for one of them in the site file is not used, and
draws a warning. If a port is 0 in the site file, Alluxio gets the port that was claimed.

| Property | What to know |
|---|---|
`

const givenHead = `
The executor sets these if the site file does not. ` + "`conf/" + SiteFile + "`" +
	` in each sandbox has them with the reason.

| Property | Value |
|---|---|
`

// given are the properties that package executor/alluxio gives when the site file is silent; a test there compares.
var given = []struct{ key, value string }{
	{KeyJournalFolder, "a folder under the data folder"},
	{KeyJournalType, "`UFS`, from 2.0: Alluxio's own default is for several masters"},
	{"alluxio.master.metastore.dir", "a folder under the data folder, from 2.0"},
	{"alluxio.master.update.check.enabled", "`false`, from 2.1"},
	{"alluxio.standby.master.grpc.enabled", "`false`, for job masters without the embedded journal"},
	{"alluxio.job.worker.web.bind.host", "`127.0.0.1`: its web server shows the under store's secrets"},
	{KeyRamdiskSize, "`1GB`, from 2.4"},
	{KeyMemorySize, "`1GB`, before 2.4"},
	{"alluxio.worker.tieredstore.level0.alias", "what the folder is on: `MEM`, `SSD` or `HDD`; `MEM` above other tiers"},
	{KeyRamdiskPath, "the folder that the executor has made"},
	{"alluxio.worker.tieredstore.level0.dirs.quota", "the size of the ramdisk"},
	{"alluxio.worker.management.tier.align.reserved.bytes", "a tenth of the smallest folder, with several tiers of " +
		"which one has a folder of less than 10GB; 2.x"},
	{"alluxio.web.resources", "where the install has its web pages, else an empty folder; before 2.3"},
	{"alluxio.web.temp.path", "a folder in the sandbox, in 1.8"},
	{"alluxio.web.ui.enabled", "`false` when the install has no web pages, from 2.3"},
	{"alluxio.worker.network.netty.channel", "`NIO` on Java 11 and later, before 1.8"},
	{"alluxio.user.network.netty.channel", "the same"},
}

// Document writes the configuration table in Markdown. Its only errors are those of w.
func Document(w io.Writer) error {
	var out strings.Builder
	out.WriteString(documentHead)
	roles := AlluxioRoles()
	for _, k := range Keys {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", k.names("`"), k.Kind, k.defaultText("`"),
			roles.restartsText(&k), k.Doc, k.Source)
	}
	out.WriteString(ownershipHead)
	for _, p := range placed {
		fmt.Fprintf(&out, "| `%s` | %s |\n", p.key, p.hint)
	}
	for _, key := range jobMasterKeys {
		fmt.Fprintf(&out, "| `%s` | only where the framework runs job masters: it follows from where they are |\n", key)
	}
	for _, key := range bindHosts {
		fmt.Fprintf(&out, "| `%s` | only with `%s=%s` |\n", key, KeyBind, BindAgent)
	}
	out.WriteString(givenHead)
	for _, g := range given {
		fmt.Fprintf(&out, "| `%s` | %s |\n", g.key, g.value)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Help is the table of keys as lines for a terminal, two for each key.
func Help() []string {
	var lines []string
	for _, k := range Keys {
		plain := strings.NewReplacer("`", "")
		lines = append(lines, plain.Replace(fmt.Sprintf("%s (%s; default: %s)", k.names(""), k.Kind, k.defaultText(""))),
			"    "+plain.Replace(k.Doc))
	}
	return lines
}

func (k Key) names(quote string) string {
	text := quote + k.Name + quote
	if k.OldName != "" {
		text += " or " + quote + k.OldName + quote
	}
	return text
}

func (k Key) defaultText(quote string) string {
	if k.Default == "" {
		return k.Unset
	}
	return quote + k.Default + quote
}

func (t *RoleTable) restartsText(k *Key) string {
	var words []string
	roles := t.Restarts(k)
	if len(roles) == len(t.start) {
		return "all tasks"
	}
	for _, role := range roles {
		words = append(words, t.Row(role).Group)
	}
	return cmp.Or(strings.Join(words, ", "), "nothing")
}
