package mesosmaster

import "errors"

// errMalformed says that bytes are not the protobuf message that they should be.
var errMalformed = errors.New("malformed protobuf message")

// The wire types of protobuf. Groups (3, 4) are in no message of Mesos: malformed. Protocol Buffers: encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// cursor walks the fields of one message without decoding it. After a false from next, err tells an end from malformed bytes.
type cursor struct {
	b   []byte
	err error

	// The field that next found: its number, wire type, and value; data is a subslice of b.
	number int32
	kind   uint8
	value  uint64
	data   []byte
}

// next goes to the next field.
func (c *cursor) next() bool {
	if len(c.b) == 0 || c.err != nil {
		return false
	}
	tag, ok := c.varint()
	c.number, c.kind = int32(tag>>3), uint8(tag&7)
	if !ok || c.number <= 0 {
		return c.fail()
	}
	switch c.kind {
	case wireVarint:
		if c.value, ok = c.varint(); !ok {
			return c.fail()
		}
	case wireFixed64:
		return c.fixed(8)
	case wireFixed32:
		return c.fixed(4)
	case wireBytes:
		n, ok := c.varint()
		if !ok || n > uint64(len(c.b)) {
			return c.fail()
		}
		c.data, c.b = c.b[:n:n], c.b[n:]
	default:
		return c.fail()
	}
	return true
}

// varint reads as mesos-go does: bits beyond the 64th are dropped, more than ten bytes are malformed.
func (c *cursor) varint() (uint64, bool) {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := uint64(c.b[0])
		c.b = c.b[1:]
		return v, true
	}
	var v uint64
	for i, b := range c.b {
		if i == 10 {
			return 0, false
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.b = c.b[i+1:]
			return v, true
		}
	}
	return 0, false
}

func (c *cursor) fixed(n int) bool {
	if len(c.b) < n {
		return c.fail()
	}
	c.value = 0
	for i := n - 1; i >= 0; i-- {
		c.value = c.value<<8 | uint64(c.b[i])
	}
	c.b = c.b[n:]
	return true
}

func (c *cursor) fail() bool {
	c.err = errMalformed
	return false
}

// is reports whether the field is of the wire type that its number has in the schema; another is malformed.
func (c *cursor) is(kind uint8) bool { return c.kind == kind || c.fail() }

// nested returns the bytes of field number of the message b, the last if it comes several times, nil if never.
func nested(b []byte, number int32) ([]byte, error) {
	var found []byte
	c := cursor{b: b}
	for c.next() {
		if c.number == number && c.is(wireBytes) {
			found = c.data
		}
	}
	return found, c.err
}
