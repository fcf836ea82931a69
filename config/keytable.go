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

// Keys is every property that the framework reads, in the order of the documentation. Loading,
// defaults, checks, help, documentation and suggestions follow from it.
var Keys = []Key{
	{Name: KeyJarURL, Kind: KindArchive, Unset: "must be set", Restarts: both, Source: fromJava,
		Doc: "Where Alluxio comes from: `LOCAL` for an installation on every agent under `alluxio.home`, or the URL of a " +
			"release tarball (http, https or file; .tar.gz, .tgz or .tar). Stock releases run as they are."},
	{Name: KeyJarSHA256, Kind: KindSHA256, Unset: "any content", Restarts: both, Source: fromUs,
		Doc: "The SHA-256 digest that the Alluxio tarball must have."},
	{Name: KeyVersion, Kind: KindVersion,
		Unset: "read from the file name in the URL, else from the name of the home folder", Restarts: both, Source: fromUs,
		Doc: "Alluxio's version. It decides the default ports and the names of some properties; while it is unknown the " +
			"ports of 1.x and 2.x are both claimed."},
	{Name: KeyHome, Kind: KindText, Default: "/opt/alluxio", Restarts: both, Source: fromJava,
		Doc: "Where Alluxio is installed on the agents. Used with `LOCAL` only."},
	{Name: KeyJDKURL, Kind: KindArchive, Default: "LOCAL", Restarts: both, Source: fromJava,
		Doc: "Where Java comes from: `LOCAL` for the agent's own (`JAVA_HOME`, else `java` on the `PATH`), or the URL of a " +
			"JDK tarball."},
	{Name: KeyJDKSHA256, Kind: KindSHA256, Unset: "any content", Restarts: both, Source: fromUs,
		Doc: "The SHA-256 digest that the JDK tarball must have."},
	{Name: KeyJDKPath, Kind: KindInside, Default: "jdk1.8.0_151", Restarts: both, Source: fromJava,
		Doc: "The folder of the JDK inside its tarball. Unset, the only top folder serves as well."},
	{Name: KeyCacheDir, Kind: KindPath,
		Unset: "`/var/cache/alluxio-mesos` for root, else a folder that the task's user may write", Source: fromUs,
		Doc: "The folder on every agent for unpacked tarballs. They are kept by digest, so that a relaunch downloads " +
			"nothing. Everything is in `alluxio-mesos-cache` there; no other name is touched."},
	{Name: KeyCacheSize, Kind: KindSize, Default: "10GB", Source: fromUs,
		Doc: "How large the cache may grow. What is in use is never removed."},
	{Name: KeyContainerImage, Kind: KindImage, Unset: "tasks run on the host as they are", Restarts: both, Source: fromUs,
		Doc: "The image that tasks run in, from a registry of Docker images. With `LOCAL`, Alluxio and Java are those of " +
			"the image. Journal, ramdisk, cache and a local under store are mounted from the host."},
	{Name: KeyContainerType, Kind: KindContainer, Default: "MESOS", Restarts: both, Source: fromUs,
		Doc: "Who runs the container on the agents: `MESOS` with its own containerizer, or `DOCKER`."},

	{Name: KeyFrameworkName, Kind: KindName, Default: "alluxio", Source: fromUs,
		Doc: "The framework's name in Mesos. Give every Alluxio cluster on one Mesos its own, so that people can tell them " +
			"apart."},
	{Name: KeyUser, Kind: KindUser, Unset: "the user who runs the framework", Restarts: both, Source: fromJava,
		Doc: "The user who runs Alluxio on the agents."},
	{Name: KeyMesosRole, Kind: KindMesosRole, Default: "*", Source: fromJava,
		Doc: "The framework's role in Mesos, such as `alluxio` or `eng/alluxio`. With one, resources that are reserved for " +
			"it, or for a role above it, are used before unreserved ones. It may change at a start."},
	{Name: KeyPrincipal, Kind: KindUser, Default: "alluxio", Source: fromJava,
		Doc: "The principal that the framework has in Mesos. Mesos does not let a running framework change it."},
	{Name: KeySecret, Kind: KindSecret, Unset: "no authentication", Source: fromJava,
		Doc: "The secret that belongs to the principal. It is sent to the Mesos master only and never shown. Better in " +
			"`secret.file`, or in the environment as `ALLUXIO_MESOS_SECRET`."},
	{Name: KeySecretFile, Kind: KindPath, Unset: "none", Source: fromUs,
		Doc: "The file that holds the secret of the principal and nothing else, closed to other users (mode 0600)."},
	{Name: KeyTLS, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether the Mesos masters speak TLS. Executors learn from their agent's environment " +
			"(`LIBPROCESS_SSL_ENABLED`) whether it does."},
	{Name: KeyTLSCAFile, Kind: KindPath, Unset: "the CAs that this host trusts", Source: fromUs,
		Doc: "The CAs, in PEM, that the certificates of the Mesos masters are signed by."},
	{Name: KeyTLSCertFile, Kind: KindPath, Unset: "none is shown", Source: fromUs,
		Doc: "The framework's certificate in PEM, for Mesos masters that ask for one " +
			"(`LIBPROCESS_SSL_REQUIRE_CLIENT_CERT`)."},
	{Name: KeyTLSKeyFile, Kind: KindPath, Unset: "none", Source: fromUs,
		Doc: "The private key of that certificate in PEM, closed to other users (mode 0600)."},
	{Name: KeyFailoverTimeout, Kind: KindDuration, Default: "14d", Source: fromUs,
		Doc: "How long Mesos keeps the tasks running while the framework is away. After that it kills them."},
	{Name: KeyGPUAgents, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether agents with GPUs are used as well. Unless a framework asks for them, Mesos hides them from it. No " +
			"GPU is taken."},

	{Name: KeyMasterName, Kind: KindTitle, Default: "AlluxioMaster", Source: fromJava,
		Doc: "The name of a master's task in Mesos."},
	{Name: KeyMasterCount, Kind: KindAtLeastOne, Default: "1", Restarts: both, Source: fromJava,
		Doc: "How many Alluxio masters run, each on a host of its own. More than one elect a leader: through ZooKeeper " +
			"with a journal folder that every host sees, or with the embedded journal of 2.x."},
	{Name: KeyMasterHost, Kind: KindHost, Unset: "any host", Source: fromUs,
		Doc: "The host that the Alluxio master must run on, as Mesos names it. The second argument of the start script " +
			"sets it."},
	{Name: KeyMasterCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyMasterMem, Kind: KindMem, Default: "1024MB", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's memory. The executor takes 32MB of it; the heap follows from the rest."},
	{Name: KeyMasterJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyMaster, Source: fromUs,
		Doc: "More JVM options for masters, last on the command line so that they win. Separated by spaces; quotes keep " +
			"spaces together."},
	{Name: KeyMasterUnreachable, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long an Alluxio master whose Mesos agent does not answer is waited for. Then it is replaced, and killed " +
			"should it come back; one whose journal is on that host alone is never given up. One that comes back sooner is " +
			"kept."},
	{Name: KeyMasterConstraints, Kind: KindConstraints, Unset: "none", Source: fromUs,
		Doc: "Where Alluxio masters may be placed, in Marathon's grammar: a JSON list such as " +
			"`[[\"hostname\",\"UNIQUE\"],[\"rack\",\"GROUP_BY\",\"3\"]]`, or `hostname:UNIQUE;rack:LIKE:r[12]`. Fields are " +
			"`hostname`, `@region`, `@zone` and attributes of the agents; operators UNIQUE, CLUSTER, GROUP_BY, MAX_PER, LIKE, " +
			"UNLIKE, IS. All must hold. Tasks that run are left alone."},
	{Name: KeyWorkerName, Kind: KindTitle, Default: "AlluxioWorker", Source: fromJava,
		Doc: "The name of a worker's task in Mesos."},
	{Name: KeyWorkerCount, Kind: KindCount, Default: "all", Source: fromUs,
		Doc: "How many Alluxio workers run: a number, or `all` for one on every host that fits. Never two on one host."},
	{Name: KeyWorkerCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyWorker, Source: fromJava,
		Doc: "A worker's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyWorkerMem, Kind: KindMem, Default: "1024MB", Restarts: onlyWorker, Source: fromJava,
		Doc: "The memory of a worker's JVM: heap, direct memory and 32MB for the executor. The ramdisk comes on top."},
	{Name: KeyWorkerJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyWorker, Source: fromUs,
		Doc: "More JVM options for workers, last on the command line so that they win. Separated by spaces; quotes keep " +
			"spaces together."},
	{Name: KeyWorkerUnreachable, Kind: KindDuration, Default: "10min", Source: fromUs,
		Doc: "How long a worker whose Mesos agent does not answer is waited for. Then it is replaced, and killed should it " +
			"come back; one that comes back sooner is kept."},
	{Name: KeyWorkerConstraints, Kind: KindConstraints, Unset: "none", Source: fromUs,
		Doc: "Where workers may be placed, written as those of masters. With `all` they say which hosts get one."},

	{Name: KeyMasterVolume, Kind: KindSize, Unset: "no volume: the journal is in a folder of the host",
		Restarts: onlyMaster, Source: fromUs,
		Doc: "The size of a persistent volume of Mesos for a master's journal and metastore. Needs a role of its own. A " +
			"volume that exists keeps its size."},
	{Name: KeyWorkerVolume, Kind: KindSize, Unset: "no volume: the ramdisk alone", Restarts: onlyWorker, Source: fromUs,
		Doc: "The size of a persistent volume of Mesos for a worker, which becomes its tier below the ramdisk (HDD) and is " +
			"found again after restarts. Needs a role of its own. A volume that exists keeps its size."},
	{Name: KeyReplaceAfter, Kind: KindDuration, Unset: "never", Source: fromUs,
		Doc: "How long a worker whose volume is on a host that makes no offer waits for that host before it begins " +
			"elsewhere with a new volume. A master that alone has its journal waits until `replace` is asked for."},

	{Name: KeyRamdiskSize, OldName: KeyMemorySize, Kind: KindRamdisk, Default: "1GB", Restarts: onlyWorker,
		Source: fromJava,
		Doc: "The size of a worker's top tier, unless its `dirs.quota` says it. In memory it is claimed on " +
			"top of the " +
			"JVM's memory, with the alias SSD or HDD as disk."},
	{Name: KeyRamdiskPath, Kind: KindOnePath, Unset: "a folder of the task's own", Restarts: onlyWorker,
		Source: fromAlluxio,
		Doc: "The folder of a worker's top tier. What is there is used as it is; otherwise it is made, as a tmpfs where " +
			"that is possible."},
	{Name: KeyRamdiskSudo, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether the executor may mount a ramdisk with `sudo -n` where it may not by itself."},

	{Name: KeyJournalFolder, Kind: KindText, Unset: "a folder under the data folder", Restarts: onlyMaster,
		Source: fromAlluxio,
		Doc: "Where the Alluxio master keeps its journal: a folder of its host, or a URI such as hdfs://. What is " +
			"there is used; an empty folder is formatted once."},
	{Name: KeyJournalType, Kind: KindAlluxio, Unset: "`UFS`", Restarts: onlyMaster, Source: fromAlluxio,
		Doc: "What kind of journal Alluxio 2.x keeps. With `EMBEDDED` its port is claimed as well, and several masters " +
			"need nothing else: each keeps a copy on its own host."},
	{Name: KeyJournalShared, Kind: KindShared, Default: "auto", Source: fromUs,
		Doc: "Whether every host sees the same journal folder, so that the master may move. `auto`: a URI other than " +
			"file:// is shared, a plain folder is not."},
	{Name: KeyZooKeeperEnabled, Kind: KindAlluxio, Unset: "`false`", Restarts: both, Source: fromAlluxio,
		Doc: "Whether several Alluxio masters elect their leader through ZooKeeper. Workers and clients find it there, too."},
	{Name: KeyZooKeeperAddress, Kind: KindAlluxio, Unset: "none", Restarts: both, Source: fromAlluxio,
		Doc: "The ZooKeeper servers of that election, as host:port,host:port. They may be those of Mesos."},
	{Name: KeyDataDir, Kind: KindPath,
		Unset:    "`/var/lib/alluxio-mesos/<framework ID>` for root, else a folder that the task's user may write",
		Restarts: onlyMaster, Source: fromUs,
		Doc: "The folder on the agents for what must outlive a task: the journal, unless its own property says otherwise."},
	{Name: KeyRootUFS, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Restarts: both, Source: fromAlluxio,
		Doc: "The under store of Alluxio 2.x. A local folder draws a warning when workers may run on several hosts. " +
			"With a tarball, a new cluster starts only with one outside of Alluxio's home."},
	{Name: KeyUnderFSAddress, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Restarts: both,
		Source: fromAlluxio,
		Doc: "The under store of Alluxio 1.x. A local folder draws a warning when workers may run on several hosts. " +
			"With a tarball, a new cluster starts only with one outside of Alluxio's home."},

	{Name: KeyBind, Kind: KindBind, Default: "any", Restarts: both, Source: fromUs,
		Doc: "Where Alluxio listens: `any` leaves it to Alluxio and the site file, `agent` binds everything to the agent's " +
			"address, so that several agents can share one machine."},
	{Name: KeyMasterRPC, OldName: KeyMasterRPCOld, Kind: KindPort, Default: "19998", Restarts: both, Source: fromAlluxio,
		Doc: "The port of an Alluxio master for clients and workers."},
	{Name: KeyMasterWeb, Kind: KindPort, Default: "19999", Restarts: both, Source: fromAlluxio,
		Doc: "The port of an Alluxio master's web pages."},
	{Name: KeyMasterRaft, Kind: KindPort, Default: "19200", Restarts: onlyMaster, Source: fromAlluxio,
		Doc: "The port of the embedded journal of Alluxio 2.x. Claimed only when the journal is of that type."},
	{Name: KeyWorkerRPC, OldName: KeyWorkerRPCOld, Kind: KindPort, Unset: "29998 in 1.x, 29999 in 2.x",
		Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker for clients and masters."},
	{Name: KeyWorkerData, Kind: KindPort, Default: "29999", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker for data. 1.x only: 2.x has one port for both."},
	{Name: KeyWorkerWeb, Kind: KindPort, Default: "30000", Restarts: onlyWorker, Source: fromAlluxio,
		Doc: "The port of a worker's web pages."},

	{Name: KeyKillGrace, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long an Alluxio process may take to end before it is killed."},
	{Name: KeyUpdateParallel, Kind: KindAtLeastOne, Default: "1", Source: fromUs,
		Doc: "How many tasks are replaced at a time when the settings change. The next ones follow when these serve; " +
			"workers before the master."},
	{Name: KeyStartTimeout, Kind: KindDuration, Default: "10min", Source: fromUs,
		Doc: "How long `alluxio-mesos-start.sh -w` waits for the cluster, and a task may take from launch to serving."},
	{Name: KeyHangTimeout, Kind: KindHangTime, Default: "75s", Source: fromUs,
		Doc: "How long a serving Alluxio process may not answer before it is killed and restarted. Longer than its " +
			"garbage collector ever pauses."},
	{Name: KeyExecutorPath, Kind: KindPath, Unset: "agents fetch it from the framework", Source: fromUs,
		Doc: "Where the `alluxio-mesos` binary is on every agent."},
	{Name: KeyArtifactAddress, Kind: KindAddress, Default: ":0", Source: fromUs,
		Doc: "Where agents fetch the executor from, as host:port. Without a host it is the address that reaches Mesos; " +
			"port 0 is any free one."},
	{Name: KeyAPIAddress, Kind: KindAddress, Default: "127.0.0.1:0", Source: fromUs,
		Doc: "Where the framework's HTTP API listens, as host:port; port 0 is any free one. The command line finds it " +
			"through the state folder."},
	{Name: KeyAPICertFile, Kind: KindPath, Unset: "no TLS", Source: fromUs,
		Doc: "The certificate of the API in PEM, with those between it and its CA. With it the API speaks TLS only."},
	{Name: KeyAPIKeyFile, Kind: KindPath, Unset: "no TLS", Source: fromUs,
		Doc: "The private key of that certificate in PEM, closed to other users (mode 0600)."},
	{Name: KeyAPITokenFile, Kind: KindPath, Unset: "made at the first start, or made from the password of ZooKeeper",
		Source: fromUs,
		Doc: "The file that holds the token of the API and nothing else, closed to other users (mode 0600); at least 16 " +
			"characters. For instances of the framework that share one."},
	{Name: KeyState, Kind: KindZooKeeper, Unset: "a file in the state folder", Source: fromUs,
		Doc: "Where the framework keeps what must outlive it, as zk://[user:password@]host:2181,host:2181/path. With " +
			"ZooKeeper several instances of the framework may run, on any hosts: one acts, the others stand by. Credentials " +
			"protect the znodes."},
	{Name: KeyZooKeeperTimeout, Kind: KindDuration, Default: "10s", Source: fromUs,
		Doc: "How long ZooKeeper waits for a sign of life of an instance before another takes its place."},
	{Name: KeyStateDir, Kind: KindPath, Unset: "`mesos-state/` beside `conf/`", Source: fromUs,
		Doc: "The folder for what must outlive the framework's process. Keep it: it holds the framework's identity."},
}
