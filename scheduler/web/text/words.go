package text

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// clean keeps text to printable characters on one line; line breaks and tabs become spaces.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, s))
}

// paragraph keeps the lines of text apart, each behind indent, without empty ones.
func paragraph(indent, s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimRight(clean(strings.ReplaceAll(line, "\t", "    ")), " "); line != "" {
			b.WriteString(indent + line + "\n")
		}
	}
	return b.String()
}

// span writes a duration with at most two units: "0s", "42s", "3m12s", "5h3m", "12d4h".
func span(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	day := 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
}

// since is the age of t at now, or "" for the zero time.
func since(now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return span(now.Sub(t))
}

// count writes a number and its noun: "1 slot", "2 slots".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// mesosLine describes the subscription to Mesos: "1.11.0 at a:5050, subscribed for 3m2s, offers wanted",
// "connecting: connection refused".
func mesosLine(s *cluster.Status) string {
	m := s.Mesos
	line := clean(m.State)
	if age := since(s.Now, m.Since); age != "" {
		line += " for " + age
	}
	if m.Leader != "" {
		line = strings.TrimSpace(clean(m.Version)+" at "+clean(m.Leader)) + ", " + line
	}
	if m.State == "subscribed" && m.Offers != "" {
		line += ", offers " + clean(m.Offers)
	}
	if m.Message != "" {
		line += ": " + clean(m.Message)
	}
	return line
}

// stateOf is the state of a slot with the doubts about it.
func stateOf(s *cluster.Status, slot *cluster.SlotStatus) string {
	return stateWord(s, slot) + doubtsOf(s, slot)
}

// doubtsOf lists the reasons to doubt the state of a slot, or is "".
func doubtsOf(s *cluster.Status, slot *cluster.SlotStatus) (text string) {
	if at := slot.NotAnsweringSince; !at.IsZero() {
		text += ", not answering for " + since(s.Now, at)
	}
	if at := slot.UnconfirmedSince; !at.IsZero() {
		text += ", unconfirmed since " + at.UTC().Format(time.RFC3339)
	}
	return text
}

func stateWord(s *cluster.Status, slot *cluster.SlotStatus) string {
	switch {
	case slot.State == "starting" && slot.Phase != "":
		return "starting: " + clean(slot.Phase)
	case slot.State == "waiting" && slot.NextLaunch.After(s.Now):
		return "waiting, next try in " + span(slot.NextLaunch.Sub(s.Now).Round(time.Second))
	case slot.ElectionState != "":
		return clean(slot.State) + " (" + clean(string(slot.ElectionState)) + ")"
	}
	return clean(slot.State)
}

// failureOf is the headline and the text of a slot's last failure.
func failureOf(s *cluster.Status, slot *cluster.SlotStatus) (headline, message string) {
	f := slot.LastFailure
	headline = clean(f.State)
	if f.Host != "" {
		headline += " on " + clean(f.Host)
	}
	if age := since(s.Now, f.At); age != "" {
		headline += ", " + age + " ago"
	}
	return headline, f.Message
}
