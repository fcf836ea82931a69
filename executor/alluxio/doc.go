// Package alluxio knows how each version of Alluxio is run: from a LaunchSpec, and from what the
// executor found on its host, it makes the files to write, the command lines, the environment and
// the question whether Alluxio serves.
//
// It is pure: the edges list files, read JAVA_HOME/release, write what Prepare returns and ask what Probe says.
//
//	versions   rules.go     one table by version range: layouts, key names, ports, quirks
//	install    layout.go    which file is the server jar, and so which version it is
//	site file  site.go      the operator's properties, what placement owns, what is given when unset
//	           master.go, worker.go   the properties of each role
//	           members.go   what several masters need
//	JVM        java.go      the Java check, memory, command lines;  log4j.go
//	readiness  probe.go     what to ask, judge.go and standby.go what the answers mean
//
// The rules were measured on 1.4.0, 1.5.0, 1.8.1 and 2.9.6. Names, defaults and class versions of
// the others are read from the released jars of 1.0.0 to 2.5.0.
package alluxio
