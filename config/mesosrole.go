package config

import (
	"errors"
	"strings"
)

// AnyMesosRole is the MesosRole of unreserved resources and of frameworks without one of their own.
// Nothing can be reserved for it.
const AnyMesosRole = "*"

// parseMesosRole reads the name of a role as Mesos does. Mesos: roles.md, "Invalid Role Names"; src/common/roles.cpp.
func parseMesosRole(value string) (any, error) {
	if value == AnyMesosRole {
		return value, nil
	}
	switch {
	case value == "":
		return nil, errors.New("a role has a name; write for example alluxio or eng/alluxio, or remove the line")
	case strings.ContainsAny(value, "\t\n\v\f\r \x7f\x00"):
		return nil, errors.New("a role has no spaces; write for example alluxio or eng/alluxio")
	case strings.HasPrefix(value, "/"), strings.HasSuffix(value, "/"), strings.Contains(value, "//"):
		return nil, errors.New("slashes are between the parts of a role only, one at a time; write for example eng/alluxio")
	}
	for _, part := range strings.Split(value, "/") {
		switch {
		case part == "." || part == ".." || part == AnyMesosRole:
			return nil, errors.New("no part of a role is '" + part + "'; write for example eng/alluxio")
		case strings.HasPrefix(part, "-"):
			return nil, errors.New("no part of a role begins with '-'; write for example eng/alluxio")
		}
	}
	return value, nil
}

// UsableBy is true for resources that Mesos may give to a framework of role: those that are
// reserved for role itself, or for a role above it, and those of nobody. Mesos: reservation.md,
// "Hierarchical Roles"; src/common/resources.cpp, Resources::isAllocatableTo.
func UsableBy(reservedFor, role string) bool {
	return reservedFor == "" || reservedFor == AnyMesosRole || reservedFor == role ||
		strings.HasPrefix(role, reservedFor+"/")
}
