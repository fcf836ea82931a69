package offer

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed says that bytes are not the protobuf message that they should be.
var ErrMalformed = errors.New("malformed protobuf message")

// The wire types of protobuf. Groups (3, 4) are in no message of Mesos: malformed. Protocol Buffers: encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// cursor walks the fields of one message without decoding it. After a false from next, err tells an
// end from malformed bytes. It counts instead of cutting slices: writing pointers is dear while the
// garbage collector runs.
type cursor struct {
	b   []byte
	at  int // where the next field begins
	err error

	// The field that next found: its number, wire type, and value; begin and end are where its bytes are.
	number     int32
	kind       uint8
	value      uint64
	begin, end int
}

// next goes to the next field.
func (c *cursor) next() bool {
	if c.at >= len(c.b) {
		return false
	}
	tag, at := varint(c.b, c.at)
	c.number, c.kind = int32(tag>>3), uint8(tag&7)
	if at < 0 || c.number <= 0 {
		return c.fail()
	}
	switch c.kind {
	case wireVarint:
		c.value, at = varint(c.b, at)
	case wireFixed64:
		if at += 8; at <= len(c.b) {
			c.value = binary.LittleEndian.Uint64(c.b[at-8:])
		}
	case wireFixed32:
		if at += 4; at <= len(c.b) {
			c.value = uint64(binary.LittleEndian.Uint32(c.b[at-4:]))
		}
	case wireBytes:
		var n uint64
		if n, at = varint(c.b, at); at < 0 || n > uint64(len(c.b)-at) {
			return c.fail()
		}
		c.begin, c.end = at, at+int(n)
		at = c.end
	default:
		return c.fail()
	}
	if c.at = at; at < 0 || at > len(c.b) {
		return c.fail()
	}
	return true
}

// data is the value of a field of bytes, a part of the message.
func (c *cursor) data() []byte { return c.b[c.begin:c.end:c.end] }

// varint reads a number and returns where the next begins, or -1.
func varint(b []byte, at int) (uint64, int) {
	if at < len(b) && b[at] < 0x80 {
		return uint64(b[at]), at + 1
	}
	return longVarint(b, at)
}

// longVarint reads as mesos-go does: bits beyond the 64th are dropped, more than ten bytes are malformed.
func longVarint(b []byte, at int) (v uint64, next int) {
	for i := range 10 {
		if at+i >= len(b) {
			break
		}
		v |= uint64(b[at+i]&0x7f) << (7 * i)
		if b[at+i] < 0x80 {
			return v, at + i + 1
		}
	}
	return 0, -1
}

func (c *cursor) fail() bool {
	c.err, c.at = ErrMalformed, len(c.b)
	return false
}

// is reports whether the field is of the wire type that its number has in the schema; another is malformed.
func (c *cursor) is(kind uint8) bool { return c.kind == kind || c.fail() }

// inside walks the fields of the message that the field is; adopt takes over how that went.
func (c *cursor) inside() cursor {
	if !c.is(wireBytes) {
		return cursor{}
	}
	return cursor{b: c.data()}
}

func (c *cursor) adopt(inner *cursor) {
	if inner.err != nil {
		c.fail()
	}
}

// follow follows path from the field into nested messages and returns the bytes at its end, or
// found if there are none: what comes several times is merged as protobuf does.
func (c *cursor) follow(found []byte, path ...int32) []byte {
	if !c.is(wireBytes) {
		return found
	}
	if len(path) == 0 {
		return c.data()
	}
	in := cursor{b: c.data()}
	for in.next() {
		if in.number == path[0] {
			found = in.follow(found, path[1:]...)
		}
	}
	c.adopt(&in)
	return found
}

// nested returns the bytes of field number of the message b, the last if it comes several times, nil if never.
func nested(b []byte, number int32) (found []byte, err error) {
	c := cursor{b: b}
	for c.next() {
		if c.number == number {
			found = c.follow(found)
		}
	}
	return found, c.err
}
