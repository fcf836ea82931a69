// Package cluster is the core of the scheduler. It decides, from everything that is known, what to
// tell Mesos next, and explains why.
//
// The package is pure: it has no clock, randomness, disk, network, log or goroutine. Time is a
// parameter, facts come in as Events, and intents go out as Actions. The same state, events and
// times always give the same actions.
//
// # Usage
//
// NewState makes a State from a saved Record. One goroutine, the caller's loop, owns it, and
// repeats these steps, which are one cycle:
//
//  1. Apply each event that waits, with the present time. Apply does bookkeeping only; it cannot
//     fail or block. Woke comes first in each cycle, so that time takes effect even without another
//     event.
//  2. Decide with the same time. It looks at the whole State and changes nothing that matters: a
//     second call gives the same Decision.
//  3. Commit the Decision. The State is then as if all actions had been sent.
//  4. Save what Changes returns. The caller must end the process if this fails: an action may only
//     leave after the cycle that decided it is durable.
//  5. Send Decision.Actions in order. The outcome of a call comes back as an event, CallAccepted or
//     CallFailed; whether it ever comes does not matter, since reconciliation finds what was lost.
//  6. Wait for the next event, at most until Decision.WakeAt. If Decision.Stop is set, send the
//     last actions and end.
//
// After Commit, Decide at the same time returns no actions: a cycle never has to be repeated.
//
// An event of a subscription carries the number of that subscription, and Apply drops those of
// earlier ones. The caller stamps each action with the number that Subscription returns, and drops
// queued actions of earlier ones.
//
// Snapshot returns a Status, which shares nothing with the State, for any number of readers. Before
// an event that a person asks for, the caller asks whether it is accepted: CheckSettings before
// Reconfigured, CheckReplace before ReplaceRequested, CheckBackup before
// BackupRequested, CheckStart before the first subscription, and CheckCancelTeardown before
// TeardownCancelled.
//
// # The state
//
// A Slot is a stable identity; a Task is one run in it. A slot without a task is vacant. A task
// that fills no slot, and may not have ended, is surplus. These hold between two cycles:
//
//   - A slot has at most one task, and a host at most one task of a role.
//   - A task is in the Record before its launch leaves, and its ID is used once.
//   - A task moves forward only: from STAGING over STARTING to RUNNING and to its end. It leaves
//     that line only while its agent is unreachable.
//   - The update that ended a task is acknowledged after the end was saved.
//   - A journal that was formatted is in the Record, and is formatted again only as
//     journal_format.go allows.
//   - A volume is destroyed only when an operator has asked for it.
//   - No offer is kept: a cycle uses or declines every offer that it has.
//
// State has parts. Each is written by its own files alone, through the methods of its type; a test
// holds that (parts_test.go). What follows from the slots is computed again by the tests and compared
// after each cycle (caches_test.go). So is every volume with the table of what a volume may be and may
// become (volume_table_test.go).
//
// # What may be owed
//
// Commit records intents as sent although they may get lost. Each has a rule that repeats it:
//
//   - a launch: the task is reconciled when its call fails or no update comes (reconcile.go);
//   - a step of a planned end: asked for again until its answer is final (planned_end.go);
//   - a backup: asked for again until its answer is final (backup.go);
//   - a kill: sent again until a terminal state comes (kill.go, shutdown.go);
//   - the addresses of the masters: sent again until the executor confirms them (masters.go);
//   - an acknowledgement: Mesos repeats the update (update.go);
//   - the demand for offers: revived again when no offer comes (demand.go);
//   - the destruction of a volume: sent again while the volume is offered (destroy.go);
//   - the answer to an announcement of maintenance: Mesos asks again (evacuate.go);
//   - TEARDOWN: sent again until Mesos has removed the framework (teardown.go).
//
// # Files
//
// Package offer reads the offers of Mesos; package resource computes what tasks take from them. Neither
// knows the State.
//
// What goes in and out:
//
//	event.go             facts that come in
//	action.go            intents that go out
//	action_string.go     the readable line of each action
//	status.go            Status, the picture of a cycle for the API and for people
//	frameworkinfo.go     FrameworkInfo, with which the framework subscribes
//	known_masters.go     the Mesos masters that were found besides MESOS_MASTER
//
// A cycle:
//
//	apply.go             records each event
//	apply_call.go        records whether a call has arrived, and repeats failed ones
//	update.go            records status updates; vacates the slots of ended tasks
//	decide.go            the steps of Decide, and Decision
//	commit.go            records a Decision as sent
//	policy.go            all times and limits, and the meaning of each state of Mesos
//
// The state and its durable part:
//
//	state.go             State and its parts, and Options
//	connection.go        the subscription, and what is known of the Mesos masters
//	rows.go              the rows of the Record: Slot, Task, Volume and others
//	slot.go              what state slots and tasks are in
//	index.go             the slots, and what is counted and found by them
//	active.go            the slots at which every cycle looks
//	record.go            loads and saves the rows
//	record_volume.go     loads and saves the rows of volumes
//	recover.go           changes of the Record while no framework runs
//	freshness.go         whether the Record is current: the check of a new process
//
// The plan:
//
//	plan.go              which roles may start now, and which slots are wanted
//	fewer.go             which slots are excess when a role is scaled down
//	removal.go           warns of files that are lost with excess workers, or without the job service
//	fingerprint.go       what Alluxio sees of the settings: outdated tasks have another one
//	fingerprint_v1.go    fingerprints of the version before, for tasks that it launched
//	rollout.go           replaces outdated tasks in order; refuses unsafe settings
//	rollout_status.go    what a rollout waits for
//	understore.go        refuses an under store in which a new cluster would lose data
//
// Offers and launches:
//
//	offers.go            the offers of a cycle, and what became of earlier ones
//	demand.go            asks Mesos for offers, or for none
//	match.go             uses each offer for the slots that it can fill, or declines it
//	candidate.go         the slot of a role that an offer could fill
//	reasons.go           the table of reasons to reject an offer, in the order of their checks
//	checks.go            the checks of resources, volumes, ended tasks, phases and delays
//	companion.go         slots that run beside others
//	companion_offer.go   what companions take from an offer, and their ports
//	affinity.go          whether a slot waits for its own host
//	constrain.go         tests the constraints of a role
//	attributes_kept.go   what a slot keeps of the attributes of its agent
//	backoff.go           passes over hosts on which tasks do not start
//	placement.go         places a slot on an offer
//	launch.go            the TaskInfo and the LaunchSpec of a placement
//	container.go         the container of an executor
//
// Why an offer was not used:
//
//	rejection.go         the rejections of a cycle, and the last ones of each agent
//	explain.go           the message and the hint of each reason
//	hint.go              what hints propose: properties, flags of an agent, the way back of a host
//	volume_explain.go    messages and hints about volumes
//
// The end of tasks:
//
//	kill.go              kills the tasks that are not wanted
//	planned_end.go       has workers that serve end by plan, so that nothing is lost and nothing fails
//	planned_cause.go     begins planned ends, and takes them back when their cause is gone
//	planned_all.go       has the files of all workers persisted before a lone master moves or the cluster ends
//	planned_steps.go     takes the steps of a planned end: files are persisted, clients leave
//	planned_status.go    says what planned ends wait for
//	shutdown.go          ends executors that do not react to a kill
//	unreachable.go       abandons tasks whose agents do not answer
//	surplus.go           tracks replaced tasks until they have ended
//	surplus_bound.go     limits the number of surplus tasks
//	surplus_index.go     finds the surplus tasks that need attention
//	reconcile.go         asks Mesos for the state of tasks
//	replace.go           replaces a task, or uninstalls the cluster, on request
//	teardown.go          ends the cluster
//	teardown_saved.go    reads a pending teardown from a saved Record
//
// Maintenance of hosts:
//
//	maintenance.go       records what Mesos announces
//	evacuate.go          moves or ends tasks before maintenance, and answers Mesos
//
// Alluxio masters and their journal:
//
//	endpoints.go         the addresses of roles that tasks of other roles read
//	endpoints_read.go    which tasks have read addresses that have changed since
//	registration.go      tasks that register with a leader, and end when another one leads
//	masters.go           masters that elect a leader, and MasterUpdates
//	members.go           members of an embedded journal
//	journals.go          the journals that are known to be formatted
//	alluxio_version.go   the version of Alluxio that has served from the journal, and which may follow
//	journal_format.go    when a journal that exists may be formatted
//	backup.go            backups of the metadata, by interval and on request
//	backup_status.go     says where the last backup is, and why one is not made
//
// Volumes:
//
//	volume.go            Volume, and the volume of a slot
//	volumes.go           the volumes that no slot uses, and which of them are to be destroyed
//	orphans.go           volumes that no slot uses any more, and that nobody wants destroyed
//	destroy.go           destroys volumes on request
//	volume_gc.go         removes volumes that are gone from the Record
//
// For people:
//
//	snapshot.go          makes a Status from the State
//	task_status.go       the state of a task in words
//
// # Tests
//
// The files of testdata are transcripts: events above a line of dashes, decisions below it.
// transcript_test.go plays them. The simulator (simulate_test.go, sim_*_test.go) plays random
// faults from a seed and checks named invariants after each cycle. Rules with a table of their own
// have their tests beside them.
package cluster
