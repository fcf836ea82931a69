// Package jobservice tests the job service of Alluxio, its proxy and its administration commands on
// genuine releases: below the framework on a genuine Mesos, and as processes with the files and
// command lines that an executor makes.
package jobservice
