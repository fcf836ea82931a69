// Package mesosagent talks to the Mesos agent that started this executor: the v1 HTTP executor API,
// on mesos-go's protobuf types.
//
// A subscription is one POST whose answer is an endless stream of events; calls go on another
// connection. When the stream breaks and the framework checkpoints, the agent is expected back
// within its recovery timeout: the client subscribes again, with everything that was not
// acknowledged. Without checkpointing a broken stream is the end.
//
// Mesos: executor-http-api.md.
package mesosagent
