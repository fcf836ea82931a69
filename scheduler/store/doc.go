// Package store keeps what must outlive the framework's process, in one folder that belongs to one configuration:
//
//   - framework.db, the Record: a bbolt file with one transaction a cycle. Its lock keeps a second writer out.
//   - process.json: which process runs this configuration, and how to reach its API.
//
// The Record may be in ZooKeeper instead, for a framework of several instances: see ZooKeeper. What
// holds for one process stays in its folder.
//
// The folder is made with mode 0700, both files have mode 0600: process.json holds the token of the API.
package store
