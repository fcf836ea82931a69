// Package offer reads the offers of Mesos.
//
// A Reader turns the bytes of an OFFERS event into Offers. It reads what most decisions need, the sums
// of the usable resources, and decodes nothing: in a large cluster nearly every offer is rejected,
// which must not allocate. Attributes and Decode read the rest of an offer on demand.
//
// The package is pure, as scheduler/cluster is: no clock, disk, network, log or goroutine.
package offer

import (
	"math"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// Offer is the part of a Mesos offer that matching needs: sums over all its usable resources of one
// name.
type Offer struct {
	// ID is a part of the bytes of the event, which live as long as it does.
	ID      string
	AgentID string
	// Host is the agent's host name, IP its address as Mesos gives it ("" when it does not). IP is a part
	// of the bytes of the event, as ID is.
	Host, IP string
	CPUs     float64
	// MemMB is in Mesos's unit, 2^20 bytes.
	MemMB float64
	Ports Ports
	// DiskMB is the largest piece of disk that a new volume could be made of, Volumes are the persistent
	// ones that exist.
	DiskMB  float64
	Volumes []Volume
	// Unavailable is the start of announced maintenance, or zero.
	Unavailable time.Time
	// Wire is the encoded mesos.Offer, a part of the bytes of the event.
	Wire []byte
}

// Volume is a persistent volume in an offer.
type Volume struct {
	// ID is its persistence ID.
	ID string
	// MB is its size in Mesos's unit, 2^20 bytes.
	MB float64
}

// FindVolume is the volume of o with this ID, or nil.
func (o *Offer) FindVolume(id string) *Volume {
	for i := range o.Volumes {
		if o.Volumes[i].ID == id {
			return &o.Volumes[i]
		}
	}
	return nil
}

// Decode decodes o completely. It returns nil for bytes that are no offer.
func (o *Offer) Decode() *mesos.Offer {
	full := new(mesos.Offer)
	if !decode(full.Unmarshal, o.Wire) {
		return nil
	}
	return full
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

// Round drops what sums of binary fractions add: Mesos's scalars have three decimals. Mesos:
// attributes-resources.md, "Scalars".
func Round(v float64) float64 { return math.Round(v*1000) / 1000 }
