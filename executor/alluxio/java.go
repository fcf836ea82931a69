package alluxio

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// javaMajor reads the first number that counts of a Java version: 8 of 1.8.0_151, 17 of 17.0.15. It
// is 0 for an unreadable one.
func javaMajor(version string) int {
	version = strings.TrimPrefix(strings.Trim(version, `"`), "1.")
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		version = version[:end]
	}
	major, err := strconv.ParseUint(version, 10, 16)
	if err != nil {
		return 0
	}
	return int(major)
}

// checkJava refuses a Java that cannot run this Alluxio, and warns about one that Alluxio was not made for.
func (p *preparation) checkJava() error {
	version, major := p.env.JavaVersion, javaMajor(p.env.JavaVersion)
	const hint = "point JAVA_HOME on the agent to another JDK, or set alluxio.integration.mesos.jdk.url"
	switch {
	case major == 0:
		return fmt.Errorf("the version %q of the Java in %s is unreadable, and Alluxio %s needs Java %d or later; %s",
			version, p.env.JavaHome, p.env.Layout.Version, p.rules.MinJava, hint)
	case major < p.rules.MinJava:
		return fmt.Errorf("the Java in %s is %s, and Alluxio %s needs Java %d or later; %s", p.env.JavaHome, version,
			p.env.Layout.Version, p.rules.MinJava, hint)
	case major >= 11 && family(p.env.Layout.Version) == "1.x":
		p.hint = fmt.Sprintf("if that stays so, give Alluxio %s a JDK 8 (alluxio.integration.mesos.jdk.url): its releases "+
			"lack what Java %d no longer has", p.env.Layout.Version, major)
		p.doubts = append(p.doubts, fmt.Sprintf("Alluxio %s was made for Java 8 and the Java in %s is %s: a release "+
			"without jaxb-api never serves there; if it does not start, set alluxio.integration.mesos.jdk.url "+
			"to a JDK 8", p.env.Layout.Version, p.env.JavaHome, version))
	}
	return nil
}

// command is the command line of a main class. -D is for folders and logger names only: every user
// of the agent can read it.
func (p *preparation) command(mainClass string, args ...string) []string {
	env := p.env
	argv := []string{env.JavaHome + "/bin/java", "-cp", env.ConfDir + "/:" + env.Home + "/" + env.Layout.ServerJar}
	argv = append(argv, p.memory()...)
	argv = append(argv,
		"-Dalluxio.home="+env.Home,
		"-Dalluxio.conf.dir="+env.ConfDir,
		"-Dalluxio.logs.dir="+env.LogsDir,
		"-Dlog4j.configuration=file:"+env.ConfDir+"/"+log4jName,
		"-Dalluxio.logger.type="+p.logger)
	argv = append(argv, "-Djava.io.tmpdir="+env.temp())
	if p.rules.SiteConfDir {
		argv = append(argv, "-Dalluxio.site.conf.dir="+env.ConfDir+"/")
	}
	argv = append(argv, p.spec.JavaOpts...)
	return append(append(argv, mainClass), args...)
}

// sizeFlag is a share of the task's memory and the JVM options that set it; the first is the one we write.
type sizeFlag struct {
	what  string
	share config.Bytes
	flags []string
}

// memory is the heap and direct memory of the task's share, but for what the operator's own options set.
func (p *preparation) memory() []string {
	var argv []string
	for _, f := range p.sizeFlags() {
		if _, _, own := operatorSize(f, p.spec.JavaOpts); !own && f.share >= config.MB {
			argv = append(argv, f.flags[0]+strconv.FormatInt(int64(f.share/config.MB), 10)+"m")
		}
	}
	return argv
}

// checkMemory warns about options of the operator that take more than was claimed from Mesos.
func (p *preparation) checkMemory() {
	for _, f := range p.sizeFlags() {
		option, size, own := operatorSize(f, p.spec.JavaOpts)
		if own && f.share > 0 && size > f.share {
			keys := config.AlluxioRoles().Row(p.spec.Role).Keys
			p.site.warn("%s in %s is more than %s, the task's %s: Mesos may kill it for its memory; raise %s or remove the "+
				"option", option, keys.JavaOpts, f.share, f.what, keys.Mem)
		}
	}
}

func (p *preparation) sizeFlags() []sizeFlag {
	return []sizeFlag{
		{"heap", p.spec.Memory.Heap, config.HeapOptions},
		{"direct memory", p.spec.Memory.Direct, []string{"-XX:MaxDirectMemorySize="}},
	}
}

// operatorSize finds the last of the operator's options that sets f. size is 0 when it is no size.
func operatorSize(f sizeFlag, options []string) (option string, size config.Bytes, own bool) {
	for _, o := range options {
		for _, flag := range f.flags {
			value, found := strings.CutPrefix(o, flag)
			if !found {
				continue
			}
			option, own = o, true
			size, _ = config.ParseBytes(value)
		}
	}
	return option, size, own
}

// checkOptions warns about properties on the command line that contradict what placement decided: there they would win.
func (p *preparation) checkOptions() {
	for _, option := range p.spec.JavaOpts {
		name, _, _ := strings.Cut(strings.TrimPrefix(option, "-D"), "=")
		for _, l := range p.site.placed {
			if strings.HasPrefix(option, "-D") && l.property.Key == name {
				p.site.warn("the JVM option -D%s contradicts placement (%s); remove it", name, l.comment)
			}
		}
	}
}
