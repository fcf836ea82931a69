// Package mesosmaster keeps a subscription at the leading Mesos master through the v1 scheduler
// API: events in, calls out.
//
// It uses mesos-go's messages and its protobuf encoding, and nothing else of it; the loop is our
// own, because mesos-go's
//
//   - forgets the leader that it was redirected to (T1) and keeps the follower's Host header (T6):
//     here every leader is a new endpoint;
//   - ends the subscription when any call fails (T2), and retries a 401 for ever (T3): here a
//     failed call is an event, a refused
//     subscription a Problem;
//   - waits for ever for a silent master (T4): here a watchdog gives up after five missed heartbeats;
//   - stops at frames of 4 MiB (T5), and panics on hostile bytes: here the limit is
//     Config.MaxFrame, and whatever cannot be read
//     costs the subscription, never the process;
//   - re-subscribes without jitter (T8), acknowledges before anything was saved (T9), runs handlers
//     between heartbeats (T11), uses
//     the environment's proxies (T17), tries removed frameworks in a tight loop (T19) and leaks responses (T20).
//
// Where to subscribe is a Detector's to say: a list of hosts, of which any points to the leader, or
// ZooKeeper, for which mesos-go has nothing (T14). A change of the leader ends the subscription,
// the wait for an answer and the pause between attempts at once.
//
// Run is the one goroutine that reads the stream; it owns a few more that send calls, and waits for
// them. Events go to one channel in the order in which they came. While the reader of that channel
// is slow, the watchdog rests: silence is only what was waited for.
//
// OFFERS, by far the biggest event, is read without decoding: see offers.go.
package mesosmaster
