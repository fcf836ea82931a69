package config

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// MesosPort is the port of a Mesos master that is given without one (Mesos: --port of mesos-master).
const MesosPort = 5050

const mesosMasterHint = "write host:port, such as mesos.example.com:5050, a comma list of all Mesos masters, or " +
	"zk://host:2181,host:2181/mesos"

var (
	schemeText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)
	hostText   = regexp.MustCompile(`^[A-Za-z0-9._:%-]+$`)
)

// parseMesosMaster reads a MESOS_MASTER that is no zk:// address and returns it with every port written out.
func parseMesosMaster(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fmt.Errorf("no Mesos master is given; %s", mesosMasterHint)
	}
	if scheme := schemeText.FindString(text); scheme != "" {
		if rest, err := parseMesosMaster(strings.TrimSuffix(text[len(scheme):], "/")); err == nil {
			return "", fmt.Errorf("the address has no %s in front; write %s", scheme, rest)
		}
		return "", fmt.Errorf("the address has no %s in front; %s", scheme, mesosMasterHint)
	}
	var masters []string
	for part := range strings.SplitSeq(text, ",") {
		master, err := parseMesosAddress(strings.TrimSpace(part))
		if err != nil {
			return "", err
		}
		masters = append(masters, master)
	}
	return strings.Join(masters, ","), nil
}

func parseMesosAddress(text string) (string, error) {
	switch address, path, hasPath := strings.Cut(text, "/"); {
	case text == "":
		return "", fmt.Errorf("an address of the list is empty; %s", mesosMasterHint)
	case strings.Contains(text, "@"):
		return "",
			fmt.Errorf("the address of a Mesos master has no user and password in front; write host:port, and set %s and %s",
				KeyPrincipal, KeySecretFile)
	case hasPath && path == "":
		return "", fmt.Errorf("the address has no / behind; write %s", address)
	case hasPath:
		return "", fmt.Errorf("the address has no path behind; %s", mesosMasterHint)
	}
	if strings.Count(text, ":") > 1 && !strings.HasPrefix(text, "[") {
		return "", fmt.Errorf("an IPv6 address stands in brackets; write [address]:%d", MesosPort)
	}
	if !strings.Contains(text, ":") || strings.HasSuffix(text, "]") {
		text = fmt.Sprintf("%s:%d", text, MesosPort)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || !hostText.MatchString(host) {
		return "", fmt.Errorf("not the address of a Mesos master; %s", mesosMasterHint)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("the port must be 1 to 65535; %s", mesosMasterHint)
	}
	return net.JoinHostPort(host, port), nil
}
