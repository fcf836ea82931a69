package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestAddressesInZooKeeper(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"zk://a/mesos":                            "[a:2181] /mesos  ",
		" ZK://a:1,b,[::1]:3/x/y/ ":               "[a:1 b:2181 [::1]:3] /x/y  ",
		"zk://me:p@ss:w%20rd@a:2181,b:2182/mesos": "[a:2181 b:2182] /mesos me p@ss:w%20rd",
		"zk://[::1]/mesos":                        "[[::1]:2181] /mesos  ",
	} {
		z, err := ParseZooKeeper(text)
		if got := fmt.Sprint(z.Servers, " ", z.Path, " ", z.User, " ", z.Password.Reveal()); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", z, z, z); strings.Contains(shown, "p@ss") {
			t.Errorf("printing shows the password: %s", shown)
		}
	}
}

func TestAddressesInZooKeeperThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "not an address in ZooKeeper",
		"a:2181/mesos":             "not an address in ZooKeeper",
		"zk://":                    "no path",
		"zk://a:2181":              "no path",
		"zk://a:2181/":             "no path",
		"zk://a:2181//":            "no path",
		"zk:///mesos":              "not readable",
		"zk://a,,b/mesos":          "not readable",
		"zk://a:x/mesos":           "must be 1 to 65535",
		"zk://a:0/mesos":           "must be 1 to 65535",
		"zk://1::2:2181/mesos":     "in brackets",
		"zk://a/x//y":              "empty part",
		"zk://a/x/../y":            `part ".."`,
		"zk://a/x y":               `holds ' '`,
		"zk://a/x\x00y":            "holds",
		"zk://a/zookeeper/config":  "ZooKeeper's own",
		"zk://hunter2@a/mesos":     "a user and a password",
		"zk://:hunter2@a/mesos":    "a user and a password",
		"zk://u:hunter2@a b/mesos": "not readable",
	} {
		_, err := ParseZooKeeper(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
