package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is what the value of a property is, in the words of the documentation. It decides how the value is read.
type Kind string

// The kinds of values.
const (
	// KindText is any text, KindTitle any text but none, KindUser and KindHost text without spaces
	// (none is allowed), KindName a name that serves as a folder too.
	KindText  Kind = "text"
	KindTitle Kind = "a name"
	KindUser  Kind = "user name"
	KindHost  Kind = "host name"
	KindName  Kind = "letters, digits, `.`, `-`, `_`"
	// KindAlluxio is read only for what it tells us: Alluxio itself is the judge of its value.
	KindAlluxio Kind = "as in Alluxio"
	KindSecret  Kind = "secret"
	// KindSize is Bytes > 0; KindMem is the share of a JVM, KindRamdisk a size of at least 1MB.
	KindSize    Kind = "size"
	KindMem     Kind = "size, at least 128MB"
	KindRamdisk Kind = "size, at least 1MB"
	// KindDuration is a time.Duration > 0.
	KindDuration Kind = "time"
	// KindHangTime is a time.Duration >= 5 s: five probes have to have a chance of an answer.
	KindHangTime Kind = "time, at least 5s"
	KindCPUs     Kind = "number over 0.1"
	// KindCount is an int >= 0 or AllHosts.
	KindCount Kind = "number, or `all`"
	// KindAtLeastOne is an int >= 1.
	KindAtLeastOne Kind = "number, at least 1"
	KindMesosRole  Kind = "role of Mesos"
	// KindPort is a uint16.
	KindPort   Kind = "port, or 0: picked from the offer"
	KindBool   Kind = "`true` or `false`"
	KindShared Kind = "`auto`, `true` or `false`"
	KindBind   Kind = "`any` or `agent`"
	// KindUnpersisted is an Unpersisted.
	KindUnpersisted Kind = "`wait`, `persist` or `lose`"
	// KindArchive is an Archive, zero for LOCAL.
	KindArchive Kind = "`LOCAL`, or a URL"
	KindSHA256  Kind = "64 hexadecimal digits"
	KindVersion Kind = "version"
	// KindImage is the reference of an image or "", KindContainer a ContainerType.
	KindImage     Kind = "name of an image"
	KindContainer Kind = "`MESOS` or `DOCKER`"
	// KindPath is an absolute path or "", KindFolders a []string, KindInside a relative path.
	KindPath    Kind = "absolute path"
	KindFolders Kind = "folders, with commas"
	KindInside  Kind = "relative path"
	// KindZooKeeper is a ZooKeeper, zero for none.
	KindZooKeeper Kind = "zk:// address"
	// KindAddress is host:port.
	KindAddress Kind = "host:port"
	// KindOptions is a []string.
	KindOptions Kind = "JVM options"
	// KindConstraints is a []Constraint.
	KindConstraints Kind = "constraints, as in Marathon"
)

// The least that a JVM can work with, and what comes off its share first.
const (
	// ExecutorMem is what our executor takes of a task's memory, ExecutorCPUs of its processors.
	ExecutorMem  = 32 * MB
	ExecutorCPUs = 0.1
	// minHeap and minJVM (code, threads, the collector) are what is left at the smallest allowed share.
	minHeap = 64 * MB
	minJVM  = 32 * MB
	minMem  = ExecutorMem + minHeap + minJVM
	// minHang is the shortest time after which a JVM may be taken for hung.
	minHang = 5 * time.Second
)

// parse reads a value; its errors are one sentence with a hint and without the value. What comes
// back is a string unless the kind says otherwise.
func (k Kind) parse(value string) (any, error) {
	switch k {
	case KindSize, KindMem, KindRamdisk:
		return k.parseSize(value)
	case KindDuration:
		return parseTime(value)
	case KindHangTime:
		return parseHangTime(value)
	case KindCPUs:
		return parseCPUs(value)
	case KindCount, KindAtLeastOne:
		return k.parseCount(value)
	case KindPort:
		return parsePort(value)
	case KindArchive:
		return parseArchive(value)
	case KindImage:
		return parseImage(value)
	case KindOptions:
		return splitOptions(value)
	case KindMesosRole:
		return parseMesosRole(value)
	case KindConstraints:
		return ParseConstraints(value)
	case KindContainer, KindBool, KindShared, KindBind, KindUnpersisted:
		return k.parseChoice(value)
	case KindPath, KindInside:
		return k.parsePath(value)
	case KindFolders:
		return parseFolders(value)
	case KindZooKeeper:
		return parseState(value)
	case KindAddress:
		return parseAddress(value)
	default:
		return k.parseText(value)
	}
}

func (k Kind) parseSize(value string) (Bytes, error) {
	size, err := ParseBytes(value)
	switch {
	case err != nil:
		return 0, withoutValue(err)
	case k == KindMem && size < minMem:
		return 0,
			fmt.Errorf("too little: the executor takes %s, the heap needs at least %s and the JVM itself %s; write at least %s",
				ExecutorMem, minHeap, minJVM, minMem)
	case k == KindRamdisk && size < MB:
		return 0, errors.New("too small for a ramdisk; write at least 1MB")
	case size == 0:
		return 0, errors.New("must be more than nothing; write for example 10GB")
	}
	return size, nil
}

func parseTime(value string) (any, error) {
	d, err := ParseDuration(value)
	if err != nil {
		return nil, withoutValue(err)
	}
	if d == 0 {
		return nil, errors.New("must be more than nothing; write for example 30s")
	}
	return d, nil
}

func parseHangTime(value string) (any, error) {
	d, err := parseTime(value)
	if err == nil && d.(time.Duration) < minHang {
		return nil, fmt.Errorf("too short: a healthy JVM pauses at times, too; write at least %s, better more than a minute",
			minHang)
	}
	return d, err
}

// withoutValue cuts the leading quoted value from a message of ParseBytes or ParseDuration: a Problem shows it already.
func withoutValue(err error) error {
	message := err.Error()
	if quoted, quoteErr := strconv.QuotedPrefix(message); quoteErr == nil {
		message = strings.TrimPrefix(message[len(quoted):], " ")
	}
	return errors.New(message)
}

func parseCPUs(value string) (any, error) {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, errors.New("not a number of processors; write for example 1 or 0.5")
	}
	if n <= ExecutorCPUs || n > 1<<16 {
		return nil, fmt.Errorf("must be over %.1f, which the executor takes, and at most %d; write for example 1 or 0.5",
			ExecutorCPUs, 1<<16)
	}
	return n, nil
}

func (k Kind) parseCount(value string) (any, error) {
	if k == KindCount && strings.EqualFold(value, "all") {
		return AllHosts, nil
	}
	n, err := strconv.Atoi(value)
	if k == KindCount && (err != nil || n < 0) {
		return nil, errors.New("not a number of tasks; write 0 or more, or all for one on every host that fits")
	}
	if k != KindCount && (err != nil || n < 1) {
		return nil, errors.New("not a number of at least 1; write 1")
	}
	return n, nil
}

func parsePort(value string) (any, error) {
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return nil, errors.New("not a port; write 1 to 65535, or 0 for one picked from the offer")
	}
	return uint16(n), nil
}

func (k Kind) parseChoice(value string) (any, error) {
	switch k {
	case KindBool:
		if b, ok := map[string]bool{"true": true, "false": false}[strings.ToLower(value)]; ok {
			return b, nil
		}
	case KindContainer:
		if t := ContainerType(strings.ToUpper(value)); t == MesosContainer || t == DockerContainer {
			return t, nil
		}
	case KindShared:
		if v := strings.ToLower(value); v == "auto" || v == "true" || v == "false" {
			return v, nil
		}
	case KindUnpersisted:
		if u := Unpersisted(strings.ToLower(value)); u == WaitForUnpersisted || u == PersistUnpersisted ||
			u == LoseUnpersisted {
			return u, nil
		}
	case KindBind:
		if m := BindMode(strings.ToLower(value)); m == BindAny || m == BindAgent {
			return m, nil
		}
	}
	return nil, fmt.Errorf("write %s", strings.ReplaceAll(string(k), "`", ""))
}
