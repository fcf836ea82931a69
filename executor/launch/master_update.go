package launch

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// MasterUpdate is the message that tells the executor of a running task the addresses of the Alluxio
// masters. It travels in a MESSAGE of Mesos, which may be lost, so it is repeated until a Report
// confirms it.
type MasterUpdate struct {
	Version int       `json:"version"`
	Masters []Address `json:"masters"`
}

// Encode writes u as JSON.
func (u MasterUpdate) Encode() []byte {
	u.Version = SchemaVersion
	data, err := json.Marshal(u)
	if err != nil {
		return nil // unreachable: MasterUpdate holds only strings and numbers
	}
	return data
}

// DecodeMasterUpdate reads a MasterUpdate. It fails for data of an unknown version, without masters,
// or over MaxSize.
func DecodeMasterUpdate(data []byte) (MasterUpdate, error) {
	var u MasterUpdate
	if len(data) > MaxSize {
		return u, fmt.Errorf("decode MasterUpdate: %d bytes, at most %d are allowed", len(data), MaxSize)
	}
	if err := json.Unmarshal(data, &u); err != nil {
		return u, fmt.Errorf("decode MasterUpdate: %w", err)
	}
	if u.Version < 1 || u.Version > SchemaVersion {
		return u,
			fmt.Errorf("decode MasterUpdate: version %d is unknown to this executor (it knows up to %d)", u.Version,
				SchemaVersion)
	}
	if len(u.Masters) == 0 {
		return u, fmt.Errorf("decode MasterUpdate: it names no Alluxio master")
	}
	return u, nil
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
