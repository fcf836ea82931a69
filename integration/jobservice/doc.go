// Package jobservice tests the job service of Alluxio and its proxy on genuine releases, started
// with the files and command lines that an executor makes. No Mesos is needed.
package jobservice
