package realalluxio

// revision is part of every entry's name in the cache: raise it when a change of the code below changes what it makes.
const revision = "3"

// artifact is a coordinate of Maven's.
type artifact struct{ Group, Artifact, Version string }

// recipe says how a release is put together.
type recipe struct {
	server    []artifact // the jars of the server side, merged into serverJar
	serverJar string     // path in the release
	clientJar string     // path in the release; empty: clients use the server jar

	// client are the jars merged into clientJar. Without them clientJar refers to the server jar, which then holds all
	// that the official client jar does: the same classes for clients, at a third less to unpack for every test.
	client []artifact

	underfs string   // artifact of the local under store, a jar of its own in lib/; empty: part of the server jar
	shell   string   // main class of the shell; empty: recipe/FileSystemShell.java
	web     []string // where stand-ins for the web interface go: .war files or folders
}

// Layouts: the official releases. Artifacts, exclusions and the JAXB additions (dropped from Java 11): measured.
var recipes = map[string]recipe{
	"2.9.6": {
		server: alluxio("2.9.6", "core-server-master", "core-server-worker", "core-server-proxy", "job-server", "job-client",
			"core-client-fs", "shell"),
		serverJar: "assembly/alluxio-server-2.9.6.jar", clientJar: "assembly/alluxio-client-2.9.6.jar",
		underfs: "alluxio-underfs-local", shell: "alluxio.cli.fs.FileSystemShell", web: []string{"webui"},
	},
	"2.7.3": {
		server: alluxio("2.7.3", "core-server-master", "core-server-worker", "core-server-proxy", "job-server", "job-client",
			"core-client-fs", "shell"),
		serverJar: "assembly/alluxio-server-2.7.3.jar", clientJar: "assembly/alluxio-client-2.7.3.jar",
		underfs: "alluxio-underfs-local", shell: "alluxio.cli.fs.FileSystemShell", web: []string{"webui"},
	},
	"1.8.1": {
		server:    jaxb(alluxio("1.8.1", "core-server-master", "core-server-worker", "core-server-proxy", "shell")),
		serverJar: "assembly/alluxio-server-1.8.1.jar", clientJar: "assembly/alluxio-client-1.8.1.jar",
		underfs: "alluxio-underfs-local", shell: "alluxio.cli.fs.FileSystemShell",
		// The official release has the first; the published classes look for the second unless alluxio.web.resources is set.
		web: []string{"assembly/webapp.war", "core/server/common/src/main/webapp"},
	},
	"1.5.0": {
		server:    jaxb(alluxio("1.5.0", "core-server-master", "core-server-worker", "core-server-proxy", "underfs-local")),
		serverJar: "assembly/server/target/alluxio-assembly-server-1.5.0-jar-with-dependencies.jar",
		// The shell of 1.5.0 is not published; that of 1.7.1 speaks the same protocol.
		client:    alluxio("1.7.1", "shell"),
		clientJar: "assembly/client/target/alluxio-assembly-client-1.5.0-jar-with-dependencies.jar",
		shell:     "alluxio.cli.fs.FileSystemShell", web: []string{"core/server/common/src/main/webapp"},
	},
	"1.4.0": {
		server:    jaxb(alluxio("1.4.0", "core-server", "core-client", "underfs-local")),
		serverJar: "assembly/target/alluxio-assemblies-1.4.0-jar-with-dependencies.jar",
		web:       []string{"core/server/src/main/webapp"},
	},
}

func alluxio(version string, names ...string) []artifact {
	var all []artifact
	for _, name := range names {
		all = append(all, artifact{"org.alluxio", "alluxio-" + name, version})
	}
	return all
}

// jaxb adds what Java 11 dropped and the REST services of 1.x need: without it the first call is answered with 500.
func jaxb(all []artifact) []artifact {
	return append(all, artifact{"javax.xml.bind", "jaxb-api", "2.3.1"},
		artifact{"com.sun.activation", "javax.activation", "1.2.0"})
}

// loggers are the values of -Dalluxio.logger.type and the files they log to.
var loggers = []struct{ Logger, File string }{
	{"MASTER_LOGGER", "master.log"}, {"WORKER_LOGGER", "worker.log"}, {"PROXY_LOGGER", "proxy.log"},
	{"JOB_MASTER_LOGGER", "job_master.log"}, {"JOB_WORKER_LOGGER", "job_worker.log"}, {"USER_LOGGER", "user.log"},
}
