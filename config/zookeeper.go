package config

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ZooKeeperPort is the port of a ZooKeeper server that is given without one (ZooKeeper: clientPort).
const ZooKeeperPort = 2181

const zooKeeperHint = "write zk://host:port,host:port/path, with user:password@ in front of the hosts if its znodes " +
	"are protected"

// ZooKeeper is a znode and the servers that keep it:
// zk://[user:password@]host[:port],host[:port]/path. The form is Mesos's (Mesos: --zk of
// mesos-master): user and password are taken as written, up to the last '@'; nothing is
// percent-decoded.
type ZooKeeper struct {
	// Servers are host:port each; at least one.
	Servers []string
	// Path is absolute, without a '/' at its end, and never the root.
	Path string
	// User and Password are for ZooKeeper's digest authentication; both are set, or none.
	User     string
	Password Secret
}

// IsSet is true for an address.
func (z ZooKeeper) IsSet() bool { return len(z.Servers) > 0 }

// String is the address without its credentials.
func (z ZooKeeper) String() string {
	credentials := ""
	if z.Password.IsSet() {
		credentials = "***@"
	}
	return "zk://" + credentials + strings.Join(z.Servers, ",") + z.Path
}

// IsZooKeeper is true for text that is meant for ParseZooKeeper.
func IsZooKeeper(text string) bool {
	const scheme = "zk://"
	text = strings.TrimSpace(text)
	return len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme)
}

// ParseZooKeeper reads a zk:// address. Its errors never show the credentials.
func ParseZooKeeper(text string) (ZooKeeper, error) {
	var z ZooKeeper
	text = strings.TrimSpace(text)
	if !IsZooKeeper(text) {
		return z, fmt.Errorf("not an address in ZooKeeper; %s", zooKeeperHint)
	}
	rest := text[len("zk://"):]
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, password, ok := strings.Cut(rest[:at], ":")
		if !ok || user == "" || password == "" {
			return z, fmt.Errorf("in front of the @ stand a user and a password; %s", zooKeeperHint)
		}
		z.User, z.Password = user, NewSecret(password)
		rest = rest[at+1:]
	}
	hosts, path, found := strings.Cut(rest, "/")
	if !found || strings.Trim(path, "/") == "" {
		return z, fmt.Errorf("there is no path behind the hosts; %s", zooKeeperHint)
	}
	z.Path = "/" + strings.TrimSuffix(path, "/")
	if err := checkZnode(z.Path); err != nil {
		return z, err
	}
	for part := range strings.SplitSeq(hosts, ",") {
		server, err := parseZooKeeperServer(strings.TrimSpace(part))
		if err != nil {
			return z, err
		}
		z.Servers = append(z.Servers, server)
	}
	return z, nil
}

// checkZnode refuses what ZooKeeper would. ZooKeeper: zookeeperProgrammers.md, "The ZooKeeper Data Model".
func checkZnode(path string) error {
	for part := range strings.SplitSeq(path[1:], "/") {
		switch part {
		case "":
			return errors.New("the path in ZooKeeper has an empty part; write single slashes")
		case ".", "..":
			return fmt.Errorf("the path in ZooKeeper has a part %q; write it out", part)
		}
		for _, r := range part {
			if r <= ' ' || r == 0x7f || r >= 0x80 {
				return fmt.Errorf("the path in ZooKeeper holds %q; use letters, digits, '-', '_' and '.'", r)
			}
		}
	}
	if path == "/zookeeper" || strings.HasPrefix(path, "/zookeeper/") {
		return errors.New("/zookeeper is ZooKeeper's own; write another path")
	}
	return nil
}

func parseZooKeeperServer(text string) (string, error) {
	if strings.Count(text, ":") > 1 && !strings.HasPrefix(text, "[") {
		return "", fmt.Errorf("an IPv6 address stands in brackets; write [address]:%d", ZooKeeperPort)
	}
	if !strings.Contains(text, ":") || strings.HasSuffix(text, "]") {
		text = fmt.Sprintf("%s:%d", text, ZooKeeperPort)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || !hostText.MatchString(host) {
		return "", fmt.Errorf("a host of ZooKeeper is not readable; %s", zooKeeperHint)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("the port of a ZooKeeper server must be 1 to 65535; %s", zooKeeperHint)
	}
	return net.JoinHostPort(host, port), nil
}

// parseState reads where the state is kept; nothing means a file.
func parseState(value string) (any, error) {
	if value == "" {
		return ZooKeeper{}, nil
	}
	return ParseZooKeeper(value)
}
