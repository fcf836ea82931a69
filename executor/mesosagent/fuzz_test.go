package mesosagent

import (
	"bytes"
	"fmt"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// FuzzEvents: whatever the stream holds, reading it ends without a panic and without more memory than was sent.
func FuzzEvents(f *testing.F) {
	for _, e := range []executor.Event{
		{Type: executor.Event_SHUTDOWN},
		{Type: executor.Event_LAUNCH,
			Launch: &executor.Event_Launch{Task: mesos.TaskInfo{Name: "n", TaskID: mesos.TaskID{Value: "t"},
				Data: []byte("{}")}}},
		{Type: executor.Event_KILL,
			Kill: &executor.Event_Kill{TaskID: mesos.TaskID{Value: "t"},
				KillPolicy: &mesos.KillPolicy{GracePeriod: &mesos.DurationInfo{Nanoseconds: -1}}}},
		{Type: executor.Event_ACKNOWLEDGED, Acknowledged: &executor.Event_Acknowledged{UUID: []byte("0123456789abcdef")}},
	} {
		data, err := e.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(fmt.Appendf(nil, "%d\n", len(data)), data...))
	}
	f.Add([]byte("10\n\x1a\xff\xff\xff\xff\xff\xff\xff\xff\x7f2\n\x08\x07"))
	f.Add([]byte("8388608\nx"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		frames := newFrames(bytes.NewReader(stream))
		for n := 0; ; n++ {
			frame, err := frames.next()
			if err != nil {
				return
			}
			if n > len(stream) || len(frame) > len(stream) {
				t.Fatalf("frame %d of %d bytes out of %d", n, len(frame), len(stream))
			}
			events, err := decode(frame)
			for _, e := range events {
				if k, ok := e.(Kill); err != nil || ok && k.Grace < 0 {
					t.Fatalf("%v, %v", e, err)
				}
			}
		}
	})
}
