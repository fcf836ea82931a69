package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size in bytes.
type Bytes int64

// The units of sizes: powers of two, as in Alluxio.
const (
	KB Bytes = 1 << 10
	MB Bytes = 1 << 20
	GB Bytes = 1 << 30
	TB Bytes = 1 << 40
	PB Bytes = 1 << 50
)

var byteUnits = []struct {
	suffix string
	size   Bytes
}{{"PB", PB}, {"TB", TB}, {"GB", GB}, {"MB", MB}, {"KB", KB}}

// String writes b in the largest unit that divides it, e.g. "1GB", "1536MB", "100B".
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if b != 0 && b%u.size == 0 {
			return fmt.Sprintf("%d%s", b/u.size, u.suffix)
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}

// Megabytes is b in Mesos's unit for mem and disk.
func (b Bytes) Megabytes() float64 { return float64(b) / float64(MB) }

// maxBytes bounds a size: more than any host has, and far from overflow.
const maxBytes = 1 << 60

var sizeText = regexp.MustCompile(`^([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *([A-Z]*)$`)

// ParseBytes reads a size as Alluxio does (alluxio.util.FormatUtils.parseSpaceSize): a number,
// fractions allowed, then B, KB, MB, GB, TB, PB, their first letters, or KiB to PiB, in any case;
// no unit means bytes. A space before the unit and "16.GB", which no Alluxio reads, are accepted as
// well. Its error is one sentence with a hint.
func ParseBytes(s string) (Bytes, error) {
	parts := sizeText.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	if parts == nil {
		return 0, fmt.Errorf("%q is not a size; write for example 512MB or 2GB", s)
	}
	n, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a size; write for example 512MB or 2GB", s)
	}
	unit, ok := unitSize(parts[2])
	if !ok {
		return 0, fmt.Errorf("%q has the unknown unit %q; use B, KB, MB, GB, TB or PB", s, parts[2])
	}
	if n*float64(unit) > maxBytes {
		return 0, fmt.Errorf("%q is more than any host has", s)
	}
	return Bytes(n * float64(unit)), nil
}

// everyVersionReads are the sizes that each version of Alluxio reads. Measured: 2.9.6 fails for "16
// GB" and "16.GB", 1.8.1 for "1GiB", too.
var everyVersionReads = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([KMGTP]?B|[KMGTP])?$`)

// AlluxioReadsSize is true for a size that every version of Alluxio reads as it is written.
func AlluxioReadsSize(s string) bool {
	return everyVersionReads.MatchString(strings.ToUpper(strings.TrimSpace(s)))
}

func unitSize(name string) (Bytes, bool) {
	if name == "" || name == "B" {
		return 1, true
	}
	for _, u := range byteUnits {
		if name == u.suffix || name == u.suffix[:1] || name == u.suffix[:1]+"IB" {
			return u.size, true
		}
	}
	return 0, false
}

var durationText = regexp.MustCompile(`^([0-9]+) *([a-z]*)$`)

var durationUnits = map[string]time.Duration{
	"": time.Millisecond, "ms": time.Millisecond, "millisecond": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour,
}

// ParseDuration reads a time as Alluxio does (alluxio.util.FormatUtils.parseTimeSize): a whole
// number, then ms, s, m, min, h, hr, d, day or the unit's English name, in any case; no unit means
// milliseconds. Go's notation (1h30m, 1.5s) is read too. Negative times are refused. Its error is
// one sentence with a hint.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if parts := durationText.FindStringSubmatch(text); parts != nil {
		unit, known := durationUnits[parts[2]]
		n, err := strconv.ParseInt(parts[1], 10, 64)
		if known && (err != nil || n > int64(math.MaxInt64/unit)) {
			return 0, fmt.Errorf("%q is too long a time; the longest is about 292 years", s)
		}
		if known {
			return time.Duration(n) * unit, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a time; write for example 500ms, 30s, 10min, 2h or 14d", s)
	}
	return d, nil
}

// Secret is a string that prints as ***. Reveal gives its value to the one place that sends it.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value.
func (s Secret) Reveal() string { return s.value }

// IsSet is true when there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

// String prints *** for a value and nothing for none.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return "***"
}

// GoString keeps %#v from printing the value.
func (s Secret) GoString() string { return s.String() }

// MarshalJSON keeps the value out of JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(s.String())), nil }
