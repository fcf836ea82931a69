package mesosmaster

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// panicking is a message that mesos-go's generated code panics on.
var panicking = []byte{0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}

// updateOf is an UPDATE event with a body of hostile bytes.
func updateOf(body []byte) []byte {
	b := []byte{0x08, byte(scheduler.Event_UPDATE), 0x2a}
	for n := len(body); ; n >>= 7 {
		if n < 0x80 {
			b = append(b, byte(n))
			break
		}
		b = append(b, byte(n)|0x80)
	}
	return append(b, body...)
}

func TestHostileBytesCostTheSubscriptionAndAreSaid(t *testing.T) {
	t.Parallel()
	record := func(b []byte) []byte { return append([]byte(strconv.Itoa(len(b))+"\n"), b...) }
	for name, c := range map[string]struct {
		bytes []byte
		says  string
	}{
		"no RecordIO":                   {[]byte("<html>"), "the stream is not RecordIO"},
		"an endless length":             {bytes.Repeat([]byte("0"), 100), "the stream is not RecordIO"},
		"a length without digits":       {[]byte("\n\n\n"), "the stream is not RecordIO"},
		"a length beyond all numbers":   {[]byte("99999999999999999999\n"), "limit of 268435456 bytes"},
		"what mesos-go panics on":       {record(panicking), "malformed"},
		"an UPDATE that mesos-go fails": {record(updateOf(panicking)), "UPDATE event"},
		"an UPDATE of nested groups":    {record(updateOf(bytes.Repeat([]byte{0x0b}, maxDecoded-10))), "UPDATE event"},
		"an UPDATE that is too big":     {record(updateOf(bytes.Repeat([]byte{0x0b}, maxDecoded))), "more than the limit"},
		"an UPDATE without a body":      {record([]byte{0x08, byte(scheduler.Event_UPDATE)}), "no body"},
		"an empty offer": {record([]byte{0x08, byte(scheduler.Event_OFFERS), 0x1a, 0x02, 0x0a, 0x00}),
			"offer 1 in an OFFERS event has 0 bytes"},
		"an offer without an " +
			"ID": {
			record(append([]byte{0x08, byte(scheduler.Event_OFFERS), 0x1a, 0x0e, 0x0a, 0x0c, 0x22, 0x0a}, "0123456789"...)),
			"offer 1 of 1"},
		"an OFFERS event that is cut off": {record([]byte{0x08, byte(scheduler.Event_OFFERS), 0x1a, 0x02, 0x0a, 0x05}),
			"malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := startFake(t, fakemesos.Options{})
			r := run(t, configFor(m.Addr()))
			next[cluster.Subscribed](r, nil)
			m.SendBytes(c.bytes)
			if e := next[cluster.Disconnected](r, nil); e.Subscription != 1 || !strings.Contains(e.Reason, c.says) ||
				len(e.Reason) > 500 {
				t.Errorf("event %+v, want %q", e, c.says)
			}
			next[cluster.Subscribed](r, nil)
		})
	}
}

func TestAStreamThatEndsInsideAFrameSaysSo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{"": io.EOF, "3\nabc": nil, "3\nab": io.ErrUnexpectedEOF,
		"3": io.ErrUnexpectedEOF, "0\n": nil} {
		frame, err := newFrames(strings.NewReader(text), 100).next()
		if !errors.Is(err, want) {
			t.Errorf("%q: %q, %v; want %v", text, frame, err, want)
		}
	}
}

func TestAHostileLengthCostsNoMoreMemoryThanWhatComes(t *testing.T) {
	t.Parallel()
	f := newFrames(strings.NewReader("200000000\nabc"), DefaultMaxFrame)
	if _, err := f.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if cap(f.buf) > 2*firstRead {
		t.Errorf("%d bytes were made for 3", cap(f.buf))
	}
}

func FuzzRecordIO(f *testing.F) {
	for _, seed := range []string{"", "0\n", "3\nabc2\nde", "3\nab", "-1\n", "99999999999999999999999\n", "12", "\n",
		"01\nx"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 16
		frames := newFrames(bytes.NewReader(b), limit)
		read := 0
		for {
			frame, err := frames.next()
			if err != nil {
				return
			}
			if len(frame) > limit {
				t.Fatalf("a frame of %d bytes", len(frame))
			}
			if read += len(frame) + 2; read > len(b) {
				t.Fatalf("%d bytes read of %d", read, len(b))
			}
		}
	})
}

// FuzzDecodeEvent: nothing crashes, and an event is decoded, is not for us, or is an error.
func FuzzDecodeEvent(f *testing.F) {
	f.Add(panicking)
	f.Add(updateOf(panicking))
	f.Add(fakemesos.OffersEvent(2))
	for _, e := range []*scheduler.Event{
		{Type: scheduler.Event_HEARTBEAT},
		{Type: scheduler.Event_SUBSCRIBED,
			Subscribed: &scheduler.Event_Subscribed{FrameworkID: &mesos.FrameworkID{Value: "f"}}},
		{Type: scheduler.Event_UPDATE,
			Update: &scheduler.Event_Update{Status: mesos.TaskStatus{State: mesos.TASK_RUNNING.Enum()}}},
		{Type: scheduler.Event_INVERSE_OFFERS,
			InverseOffers: &scheduler.Event_InverseOffers{
				InverseOffers: []mesos.InverseOffer{{OfferID: mesos.OfferID{Value: "i"}, AgentID: &mesos.AgentID{Value: "a"}}}}},
		{Type: scheduler.Event_FAILURE, Failure: &scheduler.Event_Failure{AgentID: &mesos.AgentID{Value: "a"}}},
		{Type: scheduler.Event_ERROR, Error: &scheduler.Event_Error{Message: "m"}},
	} {
		b, err := e.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{offers: offer.NewReader([]string{"alluxio"})}
		if got, err := d.decode(b, 1); err != nil && got.event != nil {
			if offered, ok := got.event.(cluster.Offered); !ok || offered.Offers != nil {
				t.Errorf("%+v beside %v", got, err)
			}
		}
	})
}
