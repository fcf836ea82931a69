package config

// The sources of rules.
const (
	fromJava    = "Alluxio 1.x on Mesos"
	fromAlluxio = "Alluxio"
	fromUs      = "alluxio-mesos"
)

var (
	both       = []Role{Master, Worker}
	onlyMaster = []Role{Master}
	onlyWorker = []Role{Worker}
)

// Keys is every property that the framework reads, in the order of the documentation. Loading, defaults, checks, help, documentation and
// suggestions follow from it.
var Keys = []Key{
	{Name: KeyJarURL, Kind: KindArchive, Unset: "must be set", Restarts: both, Source: fromJava,
		Doc: "Where Alluxio comes from: `LOCAL` for an installation on every agent under `alluxio.home`, or the URL of a release tarball (http, https or file; .tar.gz, .tgz or .tar). Stock releases run as they are."},
	{Name: KeyJarSHA256, Kind: KindSHA256, Unset: "any content", Restarts: both, Source: fromUs,
		Doc: "The SHA-256 digest that the Alluxio tarball must have."},
	{Name: KeyVersion, Kind: KindVersion, Unset: "read from the file name in the URL, else from the name of the home folder", Restarts: both, Source: fromUs,
		Doc: "Alluxio's version. It decides the default ports and the names of some properties; while it is unknown the ports of 1.x and 2.x are both claimed."},
	{Name: KeyHome, Kind: KindText, Default: "/opt/alluxio", Restarts: both, Source: fromJava,
		Doc: "Where Alluxio is installed on the agents. Used with `LOCAL` only."},
	{Name: KeyJDKURL, Kind: KindArchive, Default: "LOCAL", Restarts: both, Source: fromJava,
		Doc: "Where Java comes from: `LOCAL` for the agent's own (`JAVA_HOME`, else `java` on the `PATH`), or the URL of a JDK tarball."},
	{Name: KeyJDKSHA256, Kind: KindSHA256, Unset: "any content", Restarts: both, Source: fromUs,
		Doc: "The SHA-256 digest that the JDK tarball must have."},
	{Name: KeyJDKPath, Kind: KindInside, Default: "jdk1.8.0_151", Restarts: both, Source: fromJava,
		Doc: "The folder of the JDK inside its tarball. When it is not there, the only top folder is taken."},
	{Name: KeyCacheDir, Kind: KindPath, Unset: "`/var/cache/alluxio-mesos` for root, else a folder that the task's user may write", Source: fromUs,
		Doc: "The folder on every agent for unpacked tarballs. They are kept by digest, so that a relaunch downloads nothing."},
	{Name: KeyCacheSize, Kind: KindSize, Default: "10GB", Source: fromUs,
		Doc: "How large the cache may grow. What is in use is never removed."},

	{Name: KeyFrameworkName, Kind: KindName, Default: "alluxio", Source: fromUs,
		Doc: "The framework's name in Mesos. Give every Alluxio cluster on one Mesos its own, so that people can tell them apart."},
	{Name: KeyUser, Kind: KindUser, Unset: "the user who runs the framework", Restarts: both, Source: fromJava,
		Doc: "The user who runs Alluxio on the agents."},
	{Name: KeyMesosRole, Kind: KindMesosRole, Default: "*", Source: fromJava,
		Doc: "The framework's role in Mesos. Only `*` in this version."},
	{Name: KeyPrincipal, Kind: KindUser, Default: "alluxio", Source: fromJava,
		Doc: "The principal that the framework has in Mesos. Mesos does not let a running framework change it."},
	{Name: KeySecret, Kind: KindSecret, Unset: "no authentication", Source: fromJava,
		Doc: "The secret that belongs to the principal. It is sent to the Mesos master only and never shown. Better in `secret.file`, or in the environment as `ALLUXIO_MESOS_SECRET`."},
	{Name: KeySecretFile, Kind: KindPath, Unset: "none", Source: fromUs,
		Doc: "The file that holds the secret of the principal and nothing else, closed to other users (mode 0600)."},
	{Name: KeyFailoverTimeout, Kind: KindDuration, Default: "14d", Source: fromUs,
		Doc: "How long Mesos keeps the tasks running while the framework is away. After that it kills them."},

	{Name: KeyMasterName, Kind: KindTitle, Default: "AlluxioMaster", Source: fromJava,
		Doc: "The name of a master's task in Mesos."},
	{Name: KeyMasterCount, Kind: KindMasterCount, Default: "1", Source: fromJava,
		Doc: "How many Alluxio masters run. Only 1 in this version."},
	{Name: KeyMasterHost, Kind: KindHost, Unset: "any host", Source: fromUs,
		Doc: "The host that the Alluxio master must run on, as Mesos names it. The second argument of the start script sets it."},
	{Name: KeyMasterCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyMasterMem, Kind: KindMem, Default: "1024MB", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's memory. The executor takes 32MB of it; the heap follows from the rest."},
	{Name: KeyMasterJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyMaster, Source: fromUs,
		Doc: "More JVM options for masters, last on the command line so that they win. Separated by spaces; quotes keep spaces together."},
	{Name: KeyWorkerName, Kind: KindTitle, Default: "AlluxioWorker", Source: fromJava,
		Doc: "The name of a worker's task in Mesos."},
	{Name: KeyWorkerCount, Kind: KindCount, Default: "all", Source: fromUs,
		Doc: "How many Alluxio workers run: a number, or `all` for one on every host that fits. Never two on one host."},
	{Name: KeyWorkerCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyWorker, Source: fromJava,
		Doc: "A worker's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyWorkerMem, Kind: KindMem, Default: "1024MB", Restarts: onlyWorker, Source: fromJava,
		Doc: "The memory of a worker's JVM: heap, direct memory and 32MB for the executor. The ramdisk comes on top."},
	{Name: KeyWorkerJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyWorker, Source: fromUs,
		Doc: "More JVM options for workers, last on the command line so that they win. Separated by spaces; quotes keep spaces together."},

	{Name: KeyRamdiskSize, OldName: KeyMemorySize, Kind: KindRamdisk, Default: "1GB", Restarts: onlyWorker, Source: fromJava,
		Doc: "The size of a worker's ramdisk. It is claimed from Mesos on top of the JVM's memory and always told to Alluxio."},
	{Name: KeyRamdiskPath, Kind: KindOnePath, Unset: "a folder of the task's own", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The folder of a worker's top tier. What is there is used as it is; otherwise it is made, as a tmpfs where that is possible."},
	{Name: KeyRamdiskSudo, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether the executor may mount a ramdisk with `sudo -n` where it may not by itself."},

	{Name: KeyJournalFolder, Kind: KindText, Unset: "a folder under the data folder", Restarts: onlyMaster, Source: fromAlluxio,
		Doc: "Where the Alluxio master keeps its journal: a folder of its host, or a URI such as hdfs://. It is formatted once and never again."},
	{Name: KeyJournalType, Kind: KindAlluxio, Unset: "`UFS`", Restarts: onlyMaster, Source: fromAlluxio,
		Doc: "What kind of journal Alluxio 2.x keeps. With `EMBEDDED` its port is claimed as well."},
	{Name: KeyJournalShared, Kind: KindShared, Default: "auto", Source: fromUs,
		Doc: "Whether every host sees the same journal folder, so that the master may move. `auto`: a URI other than file:// is shared, a plain folder is not."},
	{Name: KeyDataDir, Kind: KindPath, Unset: "`/var/lib/alluxio-mesos/<framework ID>` for root, else a folder that the task's user may write", Restarts: onlyMaster, Source: fromUs,
		Doc: "The folder on the agents for what must outlive a task: the journal, unless its own property says otherwise."},
	{Name: KeyRootUFS, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Restarts: both, Source: fromAlluxio,
		Doc: "The under store of Alluxio 2.x. A local folder draws a warning when workers may run on several hosts."},
	{Name: KeyUnderFSAddress, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Restarts: both, Source: fromAlluxio,
		Doc: "The under store of Alluxio 1.x. A local folder draws a warning when workers may run on several hosts."},

	{Name: KeyBind, Kind: KindBind, Default: "any", Restarts: both, Source: fromUs,
		Doc: "Where Alluxio listens: `any` leaves it to Alluxio and the site file, `agent` binds everything to the agent's address, so that several agents can share one machine."},
	{Name: KeyMasterRPC, OldName: KeyMasterRPCOld, Kind: KindPort, Default: "19998", Restarts: both, Source: fromAlluxio,
		Doc: "The port of an Alluxio master for clients and workers."},
	{Name: KeyMasterWeb, Kind: KindPort, Default: "19999", Restarts: both, Source: fromAlluxio,
		Doc: "The port of an Alluxio master's web pages."},
	{Name: KeyMasterRaft, Kind: KindPort, Default: "19200", Restarts: onlyMaster, Source: fromAlluxio,
		Doc: "The port of the embedded journal of Alluxio 2.x. Claimed only when the journal is of that type."},
	{Name: KeyWorkerRPC, OldName: KeyWorkerRPCOld, Kind: KindPort, Unset: "29998 in 1.x, 29999 in 2.x", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker for clients and masters."},
	{Name: KeyWorkerData, Kind: KindPort, Default: "29999", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker for data. 1.x only: 2.x has one port for both."},
	{Name: KeyWorkerWeb, Kind: KindPort, Default: "30000", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker's web pages."},

	{Name: KeyKillGrace, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long an Alluxio process may take to end before it is killed."},
	{Name: KeyUpdateParallel, Kind: KindAtLeastOne, Default: "1", Source: fromUs,
		Doc: "How many tasks are replaced at a time when the settings change. The next ones follow when these serve; workers before the master."},
	{Name: KeyStartTimeout, Kind: KindDuration, Default: "10min", Source: fromUs,
		Doc: "How long `alluxio-mesos-start.sh -w` waits for the cluster, and a task may take from launch to serving."},
	{Name: KeyExecutorPath, Kind: KindPath, Unset: "agents fetch it from the framework", Source: fromUs,
		Doc: "Where the `alluxio-mesos` binary is on every agent."},
	{Name: KeyArtifactAddress, Kind: KindAddress, Default: ":0", Source: fromUs,
		Doc: "Where agents fetch the executor from, as host:port. Without a host it is the address that reaches Mesos; port 0 is any free one."},
	{Name: KeyAPIAddress, Kind: KindAddress, Default: "127.0.0.1:0", Source: fromUs,
		Doc: "Where the framework's HTTP API listens, as host:port; port 0 is any free one. The command line finds it through the state folder."},
	{Name: KeyState, Kind: KindZooKeeper, Unset: "a file in the state folder", Source: fromUs,
		Doc: "Where the framework keeps what must outlive it, as zk://[user:password@]host:2181,host:2181/path. With ZooKeeper several instances of the framework may run, on any hosts: one acts, the others stand by. Credentials protect the znodes."},
	{Name: KeyZooKeeperTimeout, Kind: KindDuration, Default: "10s", Source: fromUs,
		Doc: "How long ZooKeeper waits for a sign of life of an instance before another takes its place."},
	{Name: KeyStateDir, Kind: KindPath, Unset: "`mesos-state/` beside `conf/`", Source: fromUs,
		Doc: "The folder for what must outlive the framework's process. Keep it: it holds the framework's identity."},
}
