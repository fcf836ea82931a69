package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// randomEvent logs something of every kind that the log has.
func randomEvent(r *rand.Rand, log zerolog.Logger) {
	texts := []string{"", "a", "two words", "launch alluxio-worker-3.1 on O17", "päth", "\x00\x1b[31m\xff", "a\nb", `C:\x`, `say "yes"`, "<&>", "\u2028", "{", "x=y,z"}
	text := func() string { return texts[r.IntN(len(texts))] }
	if r.IntN(4) > 0 {
		log = log.With().Timestamp().Logger()
	}
	e := log.WithLevel([]zerolog.Level{zerolog.DebugLevel, zerolog.InfoLevel, zerolog.WarnLevel, zerolog.ErrorLevel, zerolog.FatalLevel, zerolog.NoLevel}[r.IntN(6)])
	for range r.IntN(6) {
		name := []string{"task_id", "frame", "reason", "z", "a", "two words", "message", "error", "ünder"}[r.IntN(9)]
		switch r.IntN(9) {
		case 0:
			e.Uint64(name, r.Uint64())
		case 1:
			e.Float64(name, []float64{0, 1.5, 1e300, -2}[r.IntN(4)])
		case 2:
			e.Bool(name, r.IntN(2) == 0)
		case 3:
			e.Time(name, time.Unix(r.Int64N(1<<33), 0))
		case 4:
			e.Err(errors.New(text()))
		case 5:
			e.Strs(name, []string{text(), text()})
		case 6:
			e.Interface(name, map[string]any{text(): nil})
		default:
			e.Str(name, text())
		}
	}
	if r.IntN(8) == 0 {
		e.Send()
	} else {
		e.Msg(text())
	}
}

func TestLogLinesAreThoseOfZerolog(t *testing.T) {
	t.Parallel()
	plain := 0
	for seed := range uint64(20_000) {
		var event, got, want bytes.Buffer
		randomEvent(rand.New(rand.NewPCG(seed, 0)), zerolog.New(&event))
		n, err := readable(&got).Write(event.Bytes())
		if m, wantErr := readable(&want).other.Write(event.Bytes()); n != m || (err == nil) != (wantErr == nil) {
			t.Fatalf("seed %d: %d bytes of %d, %v, want %v", seed, n, m, err, wantErr)
		}
		if got.String() != want.String() {
			t.Errorf("seed %d: %s is\n%s, want\n%s", seed, &event, &got, &want)
		}
		if _, ok := lineOf(event.Bytes()); ok {
			plain++
		}
	}
	if plain < 1000 {
		t.Errorf("%d lines of 20,000 were plain", plain)
	}
}

func TestALineThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	full := errors.New("no space left")
	r.CloseWithError(full)
	for _, event := range []string{`{"level":"info","time":"2026-11-25T00:00:00Z","message":"plain"}` + "\n", `{"level":"info","message":"\n"}` + "\n"} {
		if _, err := readable(w).Write([]byte(event)); !errors.Is(err, full) {
			t.Errorf("%s: %v", event, err)
		}
	}
}

func FuzzLogLines(f *testing.F) {
	f.Add([]byte(`{"level":"info","frame":7,"host":"a","time":"2026-11-25T00:00:00Z","message":"launch x on y"}` + "\n"))
	f.Fuzz(func(t *testing.T, event []byte) {
		if line, ok := lineOf(event); ok && (len(line) == 0 || line[len(line)-1] != '\n') {
			t.Errorf("%q is written as %q", event, line)
		}
	})
}

// BenchmarkLogLine is a line of a launch; "zerolog" is the same by zerolog's own writer, for the ratio.
func BenchmarkLogLine(b *testing.B) {
	for name, to := range map[string]io.Writer{"ours": readable(io.Discard), "zerolog": readable(io.Discard).other} {
		b.Run(name, func(b *testing.B) {
			log := zerolog.New(to).With().Timestamp().Logger()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				log.Info().Uint64("frame", uint64(i)).Str("agent_id", "6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-S1").Str("host", "agent-00001.example.com").
					Msg(fmt.Sprintf("launch alluxio-worker-%d.1 on 6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-O1", i))
			}
		})
	}
}
