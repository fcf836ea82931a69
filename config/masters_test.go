package config

import (
	"strings"
	"testing"
)

const (
	three     = KeyMasterCount + "=3\n"
	zookeeper = three + KeyZooKeeperEnabled + "=true\n" + KeyZooKeeperAddress + "=zk1:2181,zk2:2181\n"
	hdfs      = KeyJournalFolder + "=hdfs://nn:9000/journal\n"
	embedded  = three + KeyJournalType + "=EMBEDDED\n"
)

func TestSeveralMastersNeedAWayToElectTheirLeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, site string
		want       Election
	}{
		{"a lone master needs none", "", NoElection},
		{"nor does one with ZooKeeper", KeyZooKeeperEnabled + "=true", NoElection},
		{"nor does one with ZooKeeper and without servers", KeyZooKeeperEnabled + "=true\n" + hdfs, NoElection},
		{"a lone master with ZooKeeper and a shared journal is elected, too",
			KeyZooKeeperEnabled + "=true\n" + KeyZooKeeperAddress + "=zk1:2181\n" + hdfs, ByZooKeeper},
		{"nor one with the embedded journal", KeyJournalType + "=EMBEDDED", NoElection},
		{"ZooKeeper and a journal behind a URI", zookeeper + hdfs, ByZooKeeper},
		{"ZooKeeper and a folder that is said to be shared", zookeeper + KeyJournalFolder + "=/nfs/journal\n" +
			KeyJournalShared + "=true", ByZooKeeper},
		{"ZooKeeper and a shared data folder", zookeeper + KeyDataDir + "=/nfs\n" + KeyJournalShared + "=true", ByZooKeeper},
		{"ZooKeeper under a path", zookeeper + KeyZooKeeperAddress + "=zk1:2181,[::1]:2182/alluxio\n" + hdfs, ByZooKeeper},
		{"ZooKeeper named by a reference", zookeeper + KeyZooKeeperAddress + "=${zk}\nzk=zk1:2181\n" + hdfs, ByZooKeeper},
		{"ZooKeeper and 2.x with its type of journal", zookeeper + hdfs + KeyVersion + "=2.9.6\n" + KeyJournalType + "=UFS",
			ByZooKeeper},
		{"the embedded journal in the default folder", embedded + KeyVersion + "=2.9.6", ByJournal},
		{"the embedded journal of a version yet unknown", embedded, ByJournal},
		{"the embedded journal in a folder", embedded + KeyJournalFolder + "=/var/journal", ByJournal},
		{"the embedded journal in small letters", three + KeyJournalType + "= embedded ", ByJournal},
		{"the embedded journal with ZooKeeper switched off", embedded + KeyZooKeeperEnabled + "=false", ByJournal},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := load(t, conf(t, enough+test.site)).Election; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSeveralMastersThatCouldNotBeSafeAreRefusedWithAHint(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, site, key, want string }{
		{"neither way", three, KeyMasterCount, "nothing says how 3 masters elect a leader"},
		{"both ways", zookeeper + hdfs + KeyJournalType + "=EMBEDDED", KeyJournalType, "remove one of the two lines"},
		{"ZooKeeper without servers", three + hdfs + KeyZooKeeperEnabled + "=true", KeyZooKeeperAddress,
			"must be set with " + KeyZooKeeperEnabled + "=true; write host:2181"},
		{"ZooKeeper as Mesos writes it", zookeeper + hdfs + KeyZooKeeperAddress + "=zk://h:2181/x", KeyZooKeeperAddress,
			"without zk://"},
		{"ZooKeeper without a port", zookeeper + hdfs + KeyZooKeeperAddress + "=a:2181,b", KeyZooKeeperAddress,
			"not a list of ZooKeeper servers"},
		{"ZooKeeper at port 0", zookeeper + hdfs + KeyZooKeeperAddress + "=a:0", KeyZooKeeperAddress,
			"not a list of ZooKeeper servers"},
		{"ZooKeeper nowhere", zookeeper + hdfs + KeyZooKeeperAddress + "=${zk}", KeyZooKeeperAddress, "it refers to ${zk}"},
		{"ZooKeeper and no journal folder", zookeeper, KeyJournalFolder,
			"the default folder is on one host alone; set it to storage that every host reaches"},
		{"ZooKeeper and a folder of the host", zookeeper + KeyJournalFolder + "=/var/journal", KeyJournalFolder,
			"or say with " + KeyJournalShared + "=true"},
		{"a journal in the sandbox", embedded + KeyJournalFolder + "=journal", KeyJournalFolder,
			"inside the task's sandbox and lost with it"},
		{"the embedded journal of 1.x", embedded + KeyVersion + "=1.8.1", KeyJournalType,
			"Alluxio 1.8.1 has no embedded journal; use 2.x, or set " + KeyZooKeeperEnabled},
		{"the embedded journal behind a URI", embedded + hdfs, KeyJournalFolder, "on its own host"},
		{"the embedded journal in a shared folder", embedded + KeyJournalFolder + "=/nfs/journal\n" + KeyJournalShared +
			"=true", KeyJournalShared, "they would destroy it; remove the line"},
		{"three masters on one host", embedded + KeyMasterHost + "=h", KeyMasterCount,
			"all masters are pinned to host h, and a host gets one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, conf(t, enough+test.site))
			if len(got) != 1 || !strings.Contains(got[0], ": "+test.key) || !strings.Contains(got[0], test.want) ||
				!strings.HasPrefix(got[0], "site") {
				t.Errorf("%s\ngot  %q\nwant %q", test.site, got, test.want)
			}
		})
	}
}

func TestAnEvenNumberOfMembersDrawsAWarning(t *testing.T) {
	t.Parallel()
	for count, want := range map[string]string{"2": "survives the loss of 0 of them, no more than 1 would",
		"4": "survives the loss of 1 of them, no more than 3 would", "3": "", "5": ""} {
		var got []string
		for _, w := range load(t, conf(t, override(enough+embedded, KeyMasterCount+"="+count))).Warnings {
			if strings.Contains(w, KeyMasterCount) {
				got = append(got, w)
			}
		}
		if (want == "") != (len(got) == 0) || len(got) > 0 &&
			(!strings.Contains(got[0], want) || !strings.Contains(got[0], "write an odd number")) {
			t.Errorf("%s masters: %q", count, got)
		}
	}
}
