// Package mesosmaster keeps a subscription at the leading Mesos master through the v1 scheduler
// API: events in, calls out.
//
// It uses mesos-go's messages and its protobuf encoding, and nothing else of it; the loop is our
// own, because mesos-go's
//
//   - forgets the leader that it was redirected to and keeps the follower's Host header: here every
//     leader is a new endpoint;
//   - ends the subscription when any call fails, and retries a 401 for ever: here a failed call is an
//     event, a refused subscription a Problem;
//   - waits for ever for a silent master: here a watchdog gives up after five missed heartbeats;
//   - stops at frames of 4 MiB, and panics on hostile bytes: here the limit is Config.MaxFrame, and
//     whatever cannot be read costs the subscription, never the process;
//   - re-subscribes without jitter, acknowledges before anything was saved, runs handlers between
//     heartbeats, uses the environment's proxies, tries removed frameworks in a tight loop and leaks
//     responses.
//
// Where to subscribe is a Detector's to say: a list of hosts, of which any points to the leader, or
// ZooKeeper, for which mesos-go has nothing. A change of the leader ends the subscription,
// the wait for an answer and the pause between attempts at once.
//
// Run is the one goroutine that reads the stream; it owns a few more that send calls, and waits for
// them. Events go to one channel in the order in which they came. While the reader of that channel
// is slow, the watchdog rests: silence is only what was waited for.
//
// OFFERS, by far the biggest event, is read without decoding: see offers.go.
package mesosmaster
