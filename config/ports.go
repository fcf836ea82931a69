package config

import (
	"cmp"
	"fmt"
	"strings"
)

// family is a range of versions with the same ports: 0 while the version is unknown, 1 for 1.x, 2 for 2.x and later.
func family(version string) int {
	major, _, _ := strings.Cut(version, ".")
	switch {
	case version == "":
		return 0
	case major == "0" || major == "1":
		return 1
	}
	return 2
}

// ports lists the ports that a task of the role claims. If the version is unknown, a worker port that
// only 1.x or only 2.x has decides; without one, the ports of both are claimed.
func (l *loader) ports(row *RoleRow, version string) []Port {
	f := family(version)
	_, hasData := l.find(KeyWorkerData)
	_, hasRPC := l.find(KeyWorkerRPC)
	if f == 0 && hasData {
		f = 1
	} else if f == 0 && hasRPC {
		f = 2
	}
	var ports []Port
	for _, p := range row.Ports {
		if f == 1 && p.V1 == 0 || f == 2 && p.V2 == 0 || p.Embedded && !l.isEmbedded() {
			continue
		}
		ports = append(ports, l.port(p, f))
	}
	l.checkRepeated(ports, version)
	return ports
}

func (l *loader) port(row PortRow, family int) Port {
	k := FindKey(row.Key)
	if p, ok := l.written(k); ok {
		return Port{Name: row.Name, Number: get[uint16](l, k.Name), Key: p.Key}
	}
	// The old name is good for every version: 2.x knows it as an alias.
	port := Port{Name: row.Name, Number: cmp.Or(row.V1, row.V2), Key: k.Name}
	if family == 2 {
		port.Number = row.V2
	} else if k.OldName != "" {
		port.Key = k.OldName
	}
	return port
}

// checkRepeated refuses a number that two ports of one role have. A port that could not be read is
// 0 here, and never repeated.
func (l *loader) checkRepeated(ports []Port, version string) {
	taken := map[uint16]Port{}
	for _, p := range ports {
		other, repeated := taken[p.Number]
		taken[p.Number] = p
		if !repeated || p.Number == 0 {
			continue
		}
		key, sameAs := l.samePort(other, p)
		hint := ""
		if version == "" {
			hint = ", or say with " + KeyVersion + " which Alluxio it is: 2.x has one worker port less"
		}
		l.problem(key, "port %d is also %s; give each port of a task its own number, or 0 for one picked from the offer%s",
			p.Number, sameAs, hint)
	}
}

// samePort returns for two ports of one number the key to complain about, which is one that the operator
// wrote, and the key of the other one with the place where it is set.
func (l *loader) samePort(first, second Port) (key, sameAs string) {
	if _, ok := l.find(second.Key); !ok {
		first, second = second, first
	}
	place := "its default"
	if written, ok := l.find(first.Key); ok {
		place = written.Source
	}
	return second.Key, fmt.Sprintf("%s (%s)", first.Key, place)
}

// warnSamePorts warns of fixed ports that two roles share: their tasks cannot run on one host.
func (l *loader) warnSamePorts(s *Settings) {
	l.eachSamePort(s, func(a, b *RoleRow, p, q *Port) {
		if b.Beside != a.Role {
			l.warn("%s and %s are both %d: no %s will run on the host of a %s; change one of them, or set one to 0",
				p.Key, q.Key, p.Number, b.Label, a.Label)
		}
	})
}

// checkCompanionPorts refuses a number that a role and its companion have: they share a host. A companion
// that nobody has asked for, and whose number is its default, gets any port instead.
func (l *loader) checkCompanionPorts(s *Settings) {
	l.eachSamePort(s, func(a, b *RoleRow, p, q *Port) {
		if b.Beside != a.Role {
			return
		}
		if _, written := l.find(q.Key); !written && get[string](l, b.Keys.Switch) == "auto" {
			l.warn("%s is %d, the default of %s: a %s gets any port that is offered; set that property to a port of its own",
				p.Key, p.Number, q.Key, b.Label)
			q.Number = 0
			return
		}
		key, sameAs := l.samePort(*p, *q)
		l.problem(key, "port %d is also %s, and a %s runs beside each %s; give each its own number, or 0 for one "+
			"picked from the offer", p.Number, sameAs, b.Label, a.Label)
	})
}

// eachSamePort calls do for each fixed port that two roles share; a is the role that starts first.
func (l *loader) eachSamePort(s *Settings, do func(a, b *RoleRow, p, q *Port)) {
	roles := l.roles.InStartOrder()
	for i, first := range roles {
		for _, second := range roles[i+1:] {
			for n := range s.Of(first).Ports {
				for m := range s.Of(second).Ports {
					if p, q := &s.Of(first).Ports[n], &s.Of(second).Ports[m]; p.Number != 0 && p.Number == q.Number {
						do(l.roles.Row(first), l.roles.Row(second), p, q)
					}
				}
			}
		}
	}
}
