package config

import (
	"cmp"
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

// ports lists what the tasks of a role claim. While the version is unknown, a property that only
// one range of versions has decides; without one both ranges' ports are claimed.
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
		// The complaint goes where the operator wrote something.
		if _, ok := l.find(p.Key); !ok {
			p, other = other, p
		}
		place := "its default"
		if written, ok := l.find(other.Key); ok {
			place = written.Source
		}
		hint := ""
		if version == "" {
			hint = ", or say with " + KeyVersion + " which Alluxio it is: 2.x has one worker port less"
		}
		l.problem(p.Key,
			"port %d is also %s (%s); give each port of a task its own number, or 0 for one picked from the offer%s", p.Number,
			other.Key, place, hint)
	}
}

// warnShared says which fixed ports keep tasks of two roles off each other's hosts.
func (l *loader) warnShared(s *Settings) {
	l.eachSharedPort(s, func(a, b *RoleRow, p, q Port) {
		if b.Beside != a.Role {
			l.warn("%s and %s are both %d: no %s will run on the host of a %s; change one of them, or set one to 0",
				p.Key, q.Key, p.Number, b.Label, a.Label)
		}
	})
}

// checkCompanionPorts refuses a number that a role and its companion have: they share a host.
func (l *loader) checkCompanionPorts(s *Settings) {
	l.eachSharedPort(s, func(a, b *RoleRow, p, q Port) {
		if b.Beside != a.Role {
			return
		}
		if _, ok := l.find(q.Key); !ok { // the complaint goes where the operator wrote something
			p, q = q, p
		}
		place := "its default"
		if written, ok := l.find(p.Key); ok {
			place = written.Source
		}
		l.problem(q.Key, "port %d is also %s (%s), and a %s runs beside each %s; give each its own number, or 0 for one "+
			"picked from the offer", q.Number, p.Key, place, b.Label, a.Label)
	})
}

// eachSharedPort calls do for each fixed port of a role that one which starts later has, too.
func (l *loader) eachSharedPort(s *Settings, do func(a, b *RoleRow, p, q Port)) {
	roles := l.roles.InStartOrder()
	for i, first := range roles {
		for _, second := range roles[i+1:] {
			for _, p := range s.Of(first).Ports {
				for _, q := range s.Of(second).Ports {
					if p.Number != 0 && p.Number == q.Number {
						do(l.roles.Row(first), l.roles.Row(second), p, q)
					}
				}
			}
		}
	}
}
