package config

// The sources of rules.
const (
	fromJava    = "Alluxio 1.x on Mesos"
	fromAlluxio = "Alluxio"
	fromUs      = "alluxio-mesos"
)

var (
	every      = []Role{EveryRole}
	onlyMaster = []Role{Master}
	onlyWorker = []Role{Worker}

	onlyJobMaster = []Role{JobMaster}
	onlyJobWorker = []Role{JobWorker}
	onlyProxy     = []Role{Proxy}
)

// Keys is every property that the framework reads, in the order of the documentation. Loading,
// defaults, checks, help, documentation and suggestions follow from it.
var Keys = []Key{
	{Name: KeyJarURL, Kind: KindArchive, Unset: "must be set", Restarts: every, Source: fromJava,
		Doc: "Where Alluxio comes from: `LOCAL` for an installation on every agent in `alluxio.home`, or the URL of a " +
			"release tarball (http, https or file; .tar.gz, .tgz or .tar). Stock releases work unchanged."},
	{Name: KeyJarSHA256, Kind: KindSHA256, Unset: "any content", Restarts: every, Source: fromUs,
		Doc: "The SHA-256 digest that the Alluxio tarball must have."},
	{Name: KeyVersion, Kind: KindVersion,
		Unset: "read from the file name in the URL, else from the name of the home folder", Restarts: every, Source: fromUs,
		Doc: "Alluxio's version. It decides the default ports and the names of some properties. While it is unknown, " +
			"the ports of 1.x and of 2.x are claimed."},
	{Name: KeyHome, Kind: KindText, Default: "/opt/alluxio", Source: fromJava,
		Doc: "The folder of Alluxio on the agents. Used with `LOCAL` only."},
	{Name: KeyJDKURL, Kind: KindArchive, Default: "LOCAL", Restarts: every, Source: fromJava,
		Doc: "Where Java comes from: `LOCAL` for the agent's own (`JAVA_HOME`, else `java` on the `PATH`), or the URL of a " +
			"JDK tarball."},
	{Name: KeyJDKSHA256, Kind: KindSHA256, Unset: "any content", Restarts: every, Source: fromUs,
		Doc: "The SHA-256 digest that the JDK tarball must have."},
	{Name: KeyJDKPath, Kind: KindInside, Default: "jdk1.8.0_151", Restarts: every, Source: fromJava,
		Doc: "The folder of the JDK inside its tarball. If unset, the only top folder is used, too."},
	{Name: KeyCacheDir, Kind: KindPath,
		Unset: "`/var/cache/alluxio-mesos` for root, else a folder that the task's user may write", Source: fromUs,
		Doc: "The folder on every agent for unpacked tarballs. They are kept by digest, so that a relaunch downloads " +
			"nothing. Everything is in its folder `alluxio-mesos-cache`; no other file is touched."},
	{Name: KeyCacheSize, Kind: KindSize, Default: "10GB", Source: fromUs,
		Doc: "The largest size of the cache. Trees that are in use are never removed."},
	{Name: KeyContainerImage, Kind: KindImage, Unset: "tasks run on the host as they are", Restarts: every, Source: fromUs,
		Doc: "The image in which tasks run, from a registry of Docker images. With `LOCAL`, Alluxio and Java are " +
			"those of the image. Journal, ramdisk, cache and a local under store are mounted from the host."},
	{Name: KeyContainerType, Kind: KindContainer, Default: "MESOS", Restarts: every, Source: fromUs,
		Doc: "Which containerizer of the agents runs the container: `MESOS` or `DOCKER`."},

	{Name: KeyFrameworkName, Kind: KindName, Default: "alluxio", Source: fromUs,
		Doc: "The framework's name in Mesos. Give each Alluxio cluster on one Mesos its own."},
	{Name: KeyUser, Kind: KindUser, Unset: "the user who runs the framework", Restarts: every, Source: fromJava,
		Doc: "The user who runs Alluxio on the agents."},
	{Name: KeyMesosRole, Kind: KindMesosRole, Default: "*", Source: fromJava,
		Doc: "The framework's role in Mesos, such as `alluxio` or `eng/alluxio`. With a role, resources that are " +
			"reserved for it, or for a role above it, are used before unreserved ones. The role may change at a " +
			"start."},
	{Name: KeyPrincipal, Kind: KindUser, Default: "alluxio", Source: fromJava,
		Doc: "The framework's principal in Mesos. Mesos does not let a running framework change it."},
	{Name: KeySecret, Kind: KindSecret, Unset: "no authentication", Source: fromJava,
		Doc: "The secret of the principal. It is sent to the Mesos master only and never shown. Better put it into " +
			"`secret.file`, or into the environment as `ALLUXIO_MESOS_SECRET`."},
	{Name: KeySecretFile, Kind: KindPath, Unset: "none", Source: fromUs,
		Doc: "The file that holds the secret of the principal and nothing else, closed to other users (mode 0600)."},
	{Name: KeyTLS, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether the Mesos masters speak TLS. Executors learn from the environment of their agent " +
			"(`LIBPROCESS_SSL_ENABLED`) whether the agent does."},
	{Name: KeyTLSCAFile, Kind: KindPath, Unset: "the CAs that this host trusts", Source: fromUs,
		Doc: "The CAs, in PEM, that have signed the certificates of the Mesos masters."},
	{Name: KeyTLSCertFile, Kind: KindPath, Unset: "none is shown", Source: fromUs,
		Doc: "The framework's certificate in PEM, for Mesos masters that ask for one " +
			"(`LIBPROCESS_SSL_REQUIRE_CLIENT_CERT`)."},
	{Name: KeyTLSKeyFile, Kind: KindPath, Unset: "none", Source: fromUs,
		Doc: "The private key of that certificate in PEM, closed to other users (mode 0600)."},
	{Name: KeyFailoverTimeout, Kind: KindDuration, Default: "14d", Source: fromUs,
		Doc: "How long Mesos keeps the tasks running while the framework is away. Then it kills them."},
	{Name: KeyGPUAgents, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether agents with GPUs are used, too. Mesos hides them from frameworks that do not ask for them. No " +
			"GPU is claimed."},

	{Name: KeyMasterName, Kind: KindTitle, Default: "AlluxioMaster", Source: fromJava,
		Doc: "The name of a master's task in Mesos."},
	{Name: KeyMasterCount, Kind: KindAtLeastOne, Default: "1", Restarts: every, Source: fromJava,
		Doc: "How many Alluxio masters run, each on its own host. Several masters elect a leader: through ZooKeeper " +
			"with a journal folder that every host sees, or with the embedded journal of 2.x."},
	{Name: KeyMasterHost, Kind: KindHost, Unset: "any host", Source: fromUs,
		Doc: "The host on which the Alluxio master must run, as Mesos names it. The second argument of the start " +
			"script sets it."},
	{Name: KeyMasterCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyMasterMem, Kind: KindMem, Default: "1024MB", Restarts: onlyMaster, Source: fromJava,
		Doc: "A master's memory. The executor takes 32MB of it; the heap follows from the rest."},
	{Name: KeyMasterJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyMaster, Source: fromUs,
		Doc: "More JVM options for masters, separated by spaces; quotes keep spaces together. They come last on the " +
			"command line, so they win."},
	{Name: KeyMasterUnreachable, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long the framework waits for an Alluxio master whose Mesos agent does not answer. Then it replaces " +
			"the master, and kills the old one if it comes back. A master that comes back in time is kept. A master " +
			"with the only journal on that host is never abandoned."},
	{Name: KeyMasterConstraints, Kind: KindConstraints, Unset: "none", Source: fromUs,
		Doc: "Where Alluxio masters may be placed, in Marathon's grammar: a JSON list such as " +
			"`[[\"hostname\",\"UNIQUE\"],[\"rack\",\"GROUP_BY\",\"3\"]]`, or `hostname:UNIQUE;rack:LIKE:r[12]`. " +
			"Fields are `hostname`, `@region`, `@zone` and attributes of the agents; operators UNIQUE, CLUSTER, " +
			"GROUP_BY, MAX_PER, LIKE, UNLIKE, IS. All constraints must hold. Running tasks are left alone."},
	{Name: KeyWorkerName, Kind: KindTitle, Default: "AlluxioWorker", Source: fromJava,
		Doc: "The name of a worker's task in Mesos."},
	{Name: KeyWorkerCount, Kind: KindCount, Default: "all", Source: fromUs,
		Doc: "How many Alluxio workers run: a number, or `all` for one on every host that fits. A host never gets two."},
	{Name: KeyWorkerCPUs, Kind: KindCPUs, Default: "1", Restarts: onlyWorker, Source: fromJava,
		Doc: "A worker's share of processors; fractions are allowed. The executor takes 0.1 of it."},
	{Name: KeyWorkerMem, Kind: KindMem, Default: "1024MB", Restarts: onlyWorker, Source: fromJava,
		Doc: "The memory of a worker's JVM: heap, direct memory and 32MB for the executor. The ramdisk comes on top."},
	{Name: KeyWorkerJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyWorker, Source: fromUs,
		Doc: "More JVM options for workers, separated by spaces; quotes keep spaces together. They come last on the " +
			"command line, so they win."},
	{Name: KeyWorkerUnreachable, Kind: KindDuration, Default: "10min", Source: fromUs,
		Doc: "How long the framework waits for a worker whose Mesos agent does not answer. Then it replaces the " +
			"worker, and kills the old one if it comes back. A worker that comes back in time is kept."},
	{Name: KeyWorkerConstraints, Kind: KindConstraints, Unset: "none", Source: fromUs,
		Doc: "Where workers may be placed, in the grammar of the constraints of masters. With `worker.count=all` they " +
			"select the hosts that get a worker."},

	{Name: KeyJobEnabled, Kind: KindShared, Default: "auto", Source: fromUs,
		Doc: "Whether Alluxio's job service runs, which persists, loads and copies files: a job master beside each " +
			"master and a job worker beside each worker, each in a task of its own. `auto`: with Alluxio 2.x, unless the " +
			"site file names job masters of its own. No running task restarts or moves for it."},
	{Name: KeyJobMasterCPUs, Kind: KindCPUs, Default: "0.2", Restarts: onlyJobMaster, Source: fromUs,
		Doc: "A job master's share of processors. The executor takes 0.1 of it."},
	{Name: KeyJobMasterMem, Kind: KindMem, Default: "512MB", Restarts: onlyJobMaster, Source: fromUs,
		Doc: "A job master's memory. The executor takes 32MB of it; the heap follows from the rest."},
	{Name: KeyJobMasterJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyJobMaster, Source: fromUs,
		Doc: "More JVM options for job masters, as for masters."},
	{Name: KeyJobWorkerCPUs, Kind: KindCPUs, Default: "0.5", Restarts: onlyJobWorker, Source: fromUs,
		Doc: "A job worker's share of processors. The executor takes 0.1 of it."},
	{Name: KeyJobWorkerMem, Kind: KindMem, Default: "512MB", Restarts: onlyJobWorker, Source: fromUs,
		Doc: "The memory of a job worker's JVM: heap, direct memory and 32MB for the executor."},
	{Name: KeyJobWorkerJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyJobWorker, Source: fromUs,
		Doc: "More JVM options for job workers, as for workers."},

	{Name: KeyProxyName, Kind: KindTitle, Default: "AlluxioProxy", Source: fromUs,
		Doc: "The name of a proxy's task in Mesos."},
	{Name: KeyProxyCount, Kind: KindCount, Default: "0", Source: fromUs,
		Doc: "How many proxies run, which serve S3 and REST: a number, or `all` for one on every host that fits. 2.x only."},
	{Name: KeyProxyCPUs, Kind: KindCPUs, Default: "0.5", Restarts: onlyProxy, Source: fromUs,
		Doc: "A proxy's share of processors. The executor takes 0.1 of it."},
	{Name: KeyProxyMem, Kind: KindMem, Default: "1024MB", Restarts: onlyProxy, Source: fromUs,
		Doc: "The memory of a proxy's JVM: heap, direct memory and 32MB for the executor."},
	{Name: KeyProxyJavaOpts, Kind: KindOptions, Unset: "none", Restarts: onlyProxy, Source: fromUs,
		Doc: "More JVM options for proxies, as for workers."},
	{Name: KeyProxyConstraints, Kind: KindConstraints, Unset: "none", Source: fromUs,
		Doc: "Where proxies may be placed, in the grammar of the constraints of masters."},
	{Name: KeyProxyUnreachable, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long the framework waits for a proxy whose Mesos agent does not answer. Then it replaces the proxy."},

	{Name: KeyMasterVolume, Kind: KindSize, Unset: "no volume: the journal is in a folder of the host",
		Restarts: onlyMaster, Source: fromUs,
		Doc: "The size of a persistent volume of Mesos for a master's journal and metastore. Needs a role of its own. A " +
			"volume that exists keeps its size."},
	{Name: KeyWorkerVolume, Kind: KindSize, Unset: "no volume", Restarts: onlyWorker, Source: fromUs,
		Doc: "The size of a persistent volume of Mesos for a worker, which becomes its tier below the ramdisk (HDD), or " +
			"holds the folders of its tiers with relative paths, and is found again after restarts. Needs a role of its " +
			"own. A volume that exists keeps its size."},
	{Name: KeyReplaceAfter, Kind: KindDuration, Unset: "never", Source: fromUs,
		Doc: "How long a worker waits for the host of its volume while that host makes no offer. Then it starts on " +
			"another host with a new volume. A master with the only journal waits until an operator uses `replace`."},

	{Name: KeyRamdiskSize, OldName: KeyMemorySize, Kind: KindRamdisk, Default: "1GB", Source: fromJava,
		Doc: "The size of a worker's top tier, unless `dirs.quota` sets it. A tier in memory is claimed on top of the " +
			"JVM's memory, one with the alias SSD or HDD as disk."},
	{Name: KeyTierLevels, Kind: KindAlluxio, Unset: "`1`", Source: fromAlluxio,
		Doc: "How many tiers a worker has, at most 3. Level 0 is the top one; its properties begin with " +
			"`alluxio.worker.tieredstore.level0.`, those of the next one with `level1.`."},
	{Name: KeyRamdiskPath, Kind: KindFolders, Unset: "a folder of the task's own", Source: fromAlluxio,
		Doc: "The folders of a worker's top tier. One in memory that does not exist is made, as a tmpfs where that is " +
			"possible, and goes with its task. One on disk is made if the folder above it exists, and keeps its blocks. " +
			"A relative path is a folder on the worker's volume."},
	{Name: KeyRamdiskSudo, Kind: KindBool, Default: "false", Source: fromUs,
		Doc: "Whether the executor may use `sudo -n` to mount a ramdisk if its user may not."},

	{Name: KeyJournalFolder, Kind: KindText, Unset: "a folder under the data folder", Source: fromAlluxio,
		Doc: "Where the Alluxio master keeps its journal: a folder of its host, or a URI such as hdfs://. An existing " +
			"journal is used; an empty folder is formatted once."},
	{Name: KeyJournalType, Kind: KindAlluxio, Unset: "`UFS`", Source: fromAlluxio,
		Doc: "The kind of journal that Alluxio 2.x keeps. With `EMBEDDED` its port is claimed, too, and several " +
			"masters need nothing else: each keeps a copy on its own host."},
	{Name: KeyJournalShared, Kind: KindShared, Default: "auto", Source: fromUs,
		Doc: "Whether every host sees the same journal folder, so that the master may move. `auto`: a URI other than " +
			"file:// is shared, a plain folder is not."},
	{Name: KeyZooKeeperEnabled, Kind: KindAlluxio, Unset: "`false`", Source: fromAlluxio,
		Doc: "Whether several Alluxio masters elect their leader through ZooKeeper. Workers and clients find the " +
			"leader there, too."},
	{Name: KeyZooKeeperAddress, Kind: KindAlluxio, Unset: "none", Source: fromAlluxio,
		Doc: "The ZooKeeper servers of that election, as host:port,host:port. They may be the same as those of Mesos."},
	{Name: KeyDataDir, Kind: KindPath,
		Unset:    "`/var/lib/alluxio-mesos/<framework ID>` for root, else a folder that the task's user may write",
		Restarts: onlyMaster, Source: fromUs,
		Doc: "The folder on the agents for data that must survive a task: the journal, unless its own property says " +
			"otherwise."},
	{Name: KeyRootUFS, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Source: fromAlluxio,
		Doc: "The under store of Alluxio 2.x. A local folder draws a warning when workers may run on several hosts. " +
			"With a tarball, a new cluster starts only if it is outside of Alluxio's home."},
	{Name: KeyUnderFSAddress, Kind: KindAlluxio, Unset: "a folder inside Alluxio's home", Source: fromAlluxio,
		Doc: "The under store of Alluxio 1.x. A local folder draws a warning when workers may run on several hosts. " +
			"With a tarball, a new cluster starts only if it is outside of Alluxio's home."},

	{Name: KeyBind, Kind: KindBind, Default: "any", Restarts: every, Source: fromUs,
		Doc: "Where Alluxio listens. `any` leaves it to Alluxio and the site file. `agent` binds everything to the " +
			"agent's address, so that several agents can share one machine."},
	{Name: KeyMasterRPC, OldName: keyMasterRPCOld, Kind: KindPort, Default: "19998", Source: fromAlluxio,
		Doc: "The port of an Alluxio master for clients and workers."},
	{Name: KeyMasterWeb, Kind: KindPort, Default: "19999", Source: fromAlluxio,
		Doc: "The port of an Alluxio master's web pages."},
	{Name: KeyMasterRaft, Kind: KindPort, Default: "19200", Source: fromAlluxio,
		Doc: "The port of the embedded journal of Alluxio 2.x. Claimed only when the journal is of that type."},
	{Name: KeyWorkerRPC, OldName: keyWorkerRPCOld, Kind: KindPort, Unset: "29998 in 1.x, 29999 in 2.x",
		Source: fromAlluxio,
		Doc:    "The port of a worker for clients and masters."},
	{Name: KeyWorkerData, Kind: KindPort, Default: "29999", Source: fromAlluxio,
		Doc: "The port of a worker for data. 1.x only: 2.x has one port for both."},
	{Name: KeyWorkerWeb, Kind: KindPort, Default: "30000", Source: fromAlluxio,
		Doc: "The port of a worker's web pages."},
	{Name: KeyJobMasterRPC, Kind: KindPort, Default: "20001", Source: fromAlluxio,
		Doc: "The port of a job master for clients and job workers."},
	{Name: KeyJobMasterWeb, Kind: KindPort, Default: "20002", Source: fromAlluxio,
		Doc: "The port of a job master's web server."},
	{Name: KeyJobMasterRaft, Kind: KindPort, Default: "20003", Source: fromAlluxio,
		Doc: "The port by which job masters elect a leader. Claimed only when the masters' journal is `EMBEDDED`."},
	{Name: KeyJobWorkerRPC, Kind: KindPort, Default: "30001", Source: fromAlluxio,
		Doc: "The port of a job worker for job masters."},
	{Name: KeyJobWorkerData, Kind: KindPort, Default: "30002", Source: fromAlluxio,
		Doc: "The port of a job worker for data."},
	{Name: KeyJobWorkerWeb, Kind: KindPort, Default: "30003", Source: fromAlluxio,
		Doc: "The port of a job worker's web server."},
	{Name: KeyProxyWeb, Kind: KindPort, Default: "39999", Source: fromAlluxio,
		Doc: "The port of a proxy for S3 and REST."},

	{Name: KeyBackupDir, Kind: KindPath, Unset: "no backups", Source: fromUs,
		Doc: "The folder on the host of the leading Alluxio master for backups of the metadata, such as a mount of shared " +
			"storage. It is in no folder that the framework or Alluxio removes. Alluxio 1.8.1 and later, and not with " +
			"`container.image`."},
	{Name: KeyBackupInterval, Kind: KindDuration, Unset: "only when asked", Source: fromUs,
		Doc: "How long after the last backup the next one is made. While a backup is written, the leading Alluxio " +
			"master accepts no changes."},
	{Name: KeyBackupKeep, Kind: KindAtLeastOne, Default: "5", Source: fromUs,
		Doc: "How many backups stay in `backup.dir`. Only those that the framework has made are deleted."},

	{Name: KeyKillGrace, Kind: KindDuration, Default: "30s", Source: fromUs,
		Doc: "How long an Alluxio process may take to end after SIGTERM. Then it gets SIGKILL."},
	{Name: KeyUpdateParallel, Kind: KindAtLeastOne, Default: "1", Source: fromUs,
		Doc: "How many tasks are replaced at a time when the settings change. The next ones follow when these serve, " +
			"workers before masters."},
	{Name: KeyMaxUnavailable, Kind: KindAtLeastOne, Default: "1", Source: fromUs,
		Doc: "How many workers may be away or leave at a time for all planned changes together: new settings, of which " +
			"`update.parallel` take part at a time, a lower count, maintenance and `replace`. It is `update.parallel` when " +
			"that is more. Alluxio 2.3 and later."},
	{Name: KeyUnpersisted, Kind: KindUnpersisted, Default: "wait", Source: fromUs,
		Doc: "What happens to files that clients wrote with MUST_CACHE before the framework ends or restarts their " +
			"worker: `wait` keeps the worker until they are gone or the property is changed, `persist` writes them to the " +
			"under store, `lose` ends the worker with them, and with files that three passes could not persist. Alluxio " +
			"2.3 and later; before that they are lost."},
	{Name: KeyStartTimeout, Kind: KindDuration, Default: "10min", Source: fromUs,
		Doc: "How long `alluxio-mesos-start.sh -w` waits for the cluster, and how long a task may take from its " +
			"launch to serving."},
	{Name: KeyHangTimeout, Kind: KindHangTime, Default: "75s", Source: fromUs,
		Doc: "How long a serving Alluxio process may fail to answer. Then it is killed and restarted. Set it longer " +
			"than any pause of its garbage collector."},
	{Name: KeyExecutorPath, Kind: KindPath, Unset: "agents fetch it from the framework", Source: fromUs,
		Doc: "Where the `alluxio-mesos` binary is on every agent."},
	{Name: KeyArtifactAddress, Kind: KindAddress, Default: ":0", Source: fromUs,
		Doc: "The address from which agents fetch the executor, as host:port. Without a host it is the address that " +
			"reaches Mesos; port 0 is any free one."},
	{Name: KeyAPIAddress, Kind: KindAddress, Default: "127.0.0.1:0", Source: fromUs,
		Doc: "Where the framework's HTTP API listens, as host:port; port 0 is any free one. The command line finds it " +
			"through the state folder."},
	{Name: KeyAPICertFile, Kind: KindPath, Unset: "no TLS", Source: fromUs,
		Doc: "The certificate of the API in PEM, with the intermediate certificates. With it the API speaks TLS only."},
	{Name: KeyAPIKeyFile, Kind: KindPath, Unset: "no TLS", Source: fromUs,
		Doc: "The private key of that certificate in PEM, closed to other users (mode 0600)."},
	{Name: KeyAPITokenFile, Kind: KindPath, Unset: "made at the first start, or made from the password of ZooKeeper",
		Source: fromUs,
		Doc: "The file that holds the token of the API and nothing else, closed to other users (mode 0600); at least " +
			"16 characters. Use it for instances of the framework that share a token."},
	{Name: KeyState, Kind: KindZooKeeper, Unset: "a file in the state folder", Source: fromUs,
		Doc: "Where the framework keeps its state, as zk://[user:password@]host:2181,host:2181/path. With ZooKeeper " +
			"several instances of the framework may run, on any hosts: one acts, the others stand by. Credentials " +
			"protect the znodes."},
	{Name: KeyZooKeeperTimeout, Kind: KindDuration, Default: "10s", Source: fromUs,
		Doc: "How long ZooKeeper waits for a heartbeat of an instance. Then another instance takes its place."},
	{Name: KeyStateDir, Kind: KindPath, Unset: "`mesos-state/` beside `conf/`", Source: fromUs,
		Doc: "The folder for the state that must survive the framework's process. Keep it: it holds the framework's " +
			"identity."},
}
