package cluster

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// The numbers of the fields of Offer that say where it is. Mesos: v1/mesos.proto.
const wireAttributes, wireDomain = 7, 11

// longestAttributes bounds, in bytes, what a Record keeps of the attributes of an agent besides
// those that constraints name.
const longestAttributes = 1 << 10

// longestAttribute bounds, in bytes, how much of the value of an attribute is looked at and kept.
const longestAttribute = 256

// clipAttribute shortens a value to longestAttribute; a digest keeps two that start alike apart.
func clipAttribute(value string) string {
	if len(value) <= longestAttribute {
		return value
	}
	end := "..." + digest([]byte(value))
	return strings.ToValidUTF8(value[:longestAttribute-len(end)], "") + end
}

// attributesOf reads the attributes and the fault domain of an offer, as constraints compare them;
// nil when there are none. It decodes nothing else of the offer, and is called only for constraints
// and for offers that are used.
func attributesOf(o *Offer) map[string]string {
	attributes := map[string]string{}
	for b := o.Wire; len(b) > 0; {
		number, field, rest, ok := wireField(b)
		if !ok {
			return nil
		}
		b = rest
		switch number {
		case wireAttributes:
			var a mesos.Attribute
			if !decode(a.Unmarshal, field) {
				return nil
			}
			if _, repeated := attributes[a.Name]; !repeated { // Marathon takes the first, too
				attributes[a.Name] = clipAttribute(attributeText(&a))
			}
		case wireDomain:
			var d mesos.DomainInfo
			if !decode(d.Unmarshal, field) {
				return nil
			}
			if f := d.FaultDomain; f != nil {
				attributes[config.FieldRegion], attributes[config.FieldZone] = clipAttribute(f.Region.Name),
					clipAttribute(f.Zone.Name)
			}
		}
	}
	if len(attributes) == 0 {
		return nil
	}
	return attributes
}

// wireField reads one field of a message; field is nil unless it is made of bytes. Protocol Buffers: encoding.
func wireField(b []byte) (number uint64, field, rest []byte, ok bool) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, nil, false
	}
	b = b[n:]
	size := uint64(0)
	switch tag & 7 {
	case 0:
		_, n = binary.Uvarint(b)
		if n <= 0 {
			return 0, nil, nil, false
		}
		size = uint64(n)
	case 1:
		size = 8
	case 5:
		size = 4
	case 2:
		if size, n = binary.Uvarint(b); n <= 0 || size > uint64(len(b)-n) {
			return 0, nil, nil, false
		}
		b = b[n:]
		return tag >> 3, b[:size], b[size:], true
	default:
		return 0, nil, nil, false
	}
	if size > uint64(len(b)) {
		return 0, nil, nil, false
	}
	return tag >> 3, nil, b[size:], true
}

// decode calls one of mesos-go's generated Unmarshals, which panic on some hostile lengths.
func decode(unmarshal func([]byte) error, b []byte) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return unmarshal(b) == nil
}

// attributeText writes a value as Mesos does on its command line. Mesos: attributes-resources.md.
func attributeText(a *mesos.Attribute) string {
	switch {
	case a.Scalar != nil:
		return config.ScalarText(a.Scalar.Value)
	case a.Ranges != nil:
		ranges := slices.SortedFunc(slices.Values(a.Ranges.Range), func(x, y mesos.Value_Range) int {
			return cmp.Compare(x.Begin, y.Begin)
		})
		parts := make([]string, len(ranges))
		for i, r := range ranges {
			parts[i] = fmt.Sprintf("%d-%d", r.Begin, r.End)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case a.Set != nil:
		return "{" + strings.Join(slices.Sorted(slices.Values(a.Set.Item)), ",") + "}"
	}
	return a.GetText().GetValue()
}

// keepAttributes is the part of the attributes that a slot keeps: all, since constraints may change
// later, or only those that today's constraints name when all would be too long.
func (s *State) keepAttributes(attributes map[string]string) map[string]string {
	size := 0
	for name, value := range attributes {
		size += len(name) + len(value)
	}
	if size <= longestAttributes {
		return attributes
	}
	kept := map[string]string{}
	for _, role := range s.roles.InStartOrder() {
		for _, c := range s.settings.Of(role).Constraints {
			if value, has := attributes[c.Field]; has {
				kept[c.Field] = value
			}
		}
	}
	return kept
}

// valueAt is the value of a constraint's field on a host with these attributes.
func valueAt(host string, attributes map[string]string, field string) (value string, has bool) {
	if field == config.FieldHost {
		return host, true
	}
	value, has = attributes[field]
	return value, has
}

// learnAttributes fills in the attributes of a task's agent from an offer, when the Record is of an
// earlier version and does not have them.
func (s *State) learnAttributes(slot *Slot, o *Offer) {
	if slot.Task == nil || slot.Task.AgentID != o.AgentID || slot.Attributes != nil || slot.attributesAsked ||
		len(s.settings.Of(slot.Role).Constraints) == 0 {
		return
	}
	slot.attributesAsked = true
	if slot.Attributes = s.keepAttributes(attributesOf(o)); slot.Attributes != nil {
		s.generation[slot.Role]++
		s.touch(slot)
	}
}
