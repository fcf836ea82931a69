package launch

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// MasterUpdate is what a scheduler tells an executor whose task runs: where the Alluxio masters are now. It
// travels in a MESSAGE of Mesos, which may be lost: it is repeated until a Report says that it was
// acted upon.
type MasterUpdate struct {
	Version int       `json:"version"`
	Masters []Address `json:"masters"`
}

// Encode writes n as JSON.
func (n MasterUpdate) Encode() []byte {
	n.Version = SchemaVersion
	data, err := json.Marshal(n)
	if err != nil {
		return nil // unreachable: News holds only strings and numbers
	}
	return data
}

// DecodeMasterUpdate reads News, and refuses what no scheduler of a known version has written.
func DecodeMasterUpdate(data []byte) (MasterUpdate, error) {
	var n MasterUpdate
	if len(data) > MaxSize {
		return n, fmt.Errorf("decode News: %d bytes, at most %d are allowed", len(data), MaxSize)
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, fmt.Errorf("decode News: %w", err)
	}
	if n.Version < 1 || n.Version > SchemaVersion {
		return n,
			fmt.Errorf("decode News: version %d is unknown to this executor (it knows up to %d)", n.Version, SchemaVersion)
	}
	if len(n.Masters) == 0 {
		return n, fmt.Errorf("decode News: it names no Alluxio master")
	}
	return n, nil
}

// AddressText is a list of masters in one comparable line, in their order: host:port of a lone one,
// all ports of several.
func AddressText(masters []Address) string {
	parts := make([]string, len(masters))
	for i, m := range masters {
		parts[i] = m.Host + ":" + strconv.Itoa(int(m.RPC))
		if len(masters) > 1 {
			parts[i] += fmt.Sprintf("/%d/%d", m.Web, m.Raft)
		}
	}
	return strings.Join(parts, ",")
}
