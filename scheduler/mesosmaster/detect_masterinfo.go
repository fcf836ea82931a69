package mesosmaster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// masterAddress reads host:port out of a MasterInfo in JSON. The address that the master advertises
// is preferred to its host name, as Mesos's own drivers do, unless byName. Mesos: mesos.proto,
// MasterInfo.
func masterAddress(data []byte, byName bool) (string, error) {
	var info struct {
		Hostname string `json:"hostname"`
		Port     int    `json:"port"`
		Address  struct {
			Hostname string `json:"hostname"`
			IP       string `json:"ip"`
			Port     int    `json:"port"`
		} `json:"address"`
	}
	if err := json.Unmarshal(data, &info); err != nil {
		var offset *json.SyntaxError
		if errors.As(err, &offset) {
			return "", fmt.Errorf("it is not JSON from byte %d on", offset.Offset)
		}
		return "", errors.New("its JSON is not that of a MasterInfo")
	}
	host, port := info.Address.IP, info.Address.Port
	if host != "" {
		ip, err := netip.ParseAddr(host)
		if err != nil || ip.IsUnspecified() {
			return "", fmt.Errorf("its address has the IP address%s", quoted(host))
		}
	}
	others := []string{info.Address.Hostname, info.Hostname}
	if byName {
		others, host = append(others, host), ""
	}
	for _, other := range others {
		if host == "" {
			host = other
		}
	}
	if port == 0 {
		port = info.Port
	}
	if host == "" || port < 1 || port > 65535 {
		return "", fmt.Errorf("it has no address (host%s, port %d)", quoted(host), port)
	}
	if !plainHost(host) {
		return "", fmt.Errorf("its host is%s", quoted(host))
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// plainHost is true for what can stand in a URL as a host; who can write to the znode could
// otherwise lead us to anything.
func plainHost(host string) bool {
	for _, r := range host {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_', r == ':',
			r == '%':
		default:
			return false
		}
	}
	return true
}
