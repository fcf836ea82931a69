package offer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// longestAttribute bounds, in bytes, how much of the value of an attribute is looked at and kept.
const longestAttribute = 256

// Attributes reads the attributes and the fault domain of o, as constraints compare them; nil when
// there are none. It decodes nothing else of o.
func (o *Offer) Attributes() map[string]string {
	attributes := map[string]string{}
	c := cursor{b: o.Wire}
	for c.next() {
		switch c.number {
		case offerAttributes:
			var a mesos.Attribute
			if !c.is(wireBytes) || !decode(a.Unmarshal, c.data()) {
				return nil
			}
			if _, repeated := attributes[a.Name]; !repeated { // Marathon takes the first, too
				attributes[a.Name] = ClipAttribute(attributeText(&a))
			}
		case offerDomain:
			var d mesos.DomainInfo
			if !c.is(wireBytes) || !decode(d.Unmarshal, c.data()) {
				return nil
			}
			if f := d.FaultDomain; f != nil {
				attributes[config.FieldRegion], attributes[config.FieldZone] = ClipAttribute(f.Region.Name),
					ClipAttribute(f.Zone.Name)
			}
		}
	}
	if c.err != nil || len(attributes) == 0 {
		return nil
	}
	return attributes
}

// ClipAttribute shortens a value that is kept to 256 bytes; a digest keeps two that start alike apart.
func ClipAttribute(value string) string {
	if len(value) <= longestAttribute {
		return value
	}
	const digestBytes = 12
	sum := sha256.Sum256([]byte(value))
	end := "..." + hex.EncodeToString(sum[:digestBytes])
	return strings.ToValidUTF8(value[:longestAttribute-len(end)], "") + end
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
