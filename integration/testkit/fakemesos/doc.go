// Package fakemesos is a small scripted Mesos master for what a genuine one cannot be made to do:
// 50,000 agents, events that are lost, doubled or late, half-open streams, hostile bytes, errors on
// chosen calls, redirects.
//
// Left alone it behaves as Mesos 1.11 does towards one framework: it offers what agents have free,
// keeps filters, launches tasks whose executors report STARTING and RUNNING at once, sends updates
// until they are acknowledged, answers reconciliation. Everything that it is told through the v1
// scheduler API it checks: Violations lists what a scheduler must not do. It knows one framework at
// a time.
package fakemesos
