package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"strconv"
)

// errPanic marks an error that began as a panic within bbolt.
var errPanic = errors.New("bbolt")

// guard runs do and turns its panics into ErrDamaged. bbolt reads the file through a memory map and
// trusts it: a wrong page number panics, and a file that is shorter than it says faults (SIGBUS),
// which would end the process without SetPanicOnFault.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%w: %v)", ErrDamaged, errPanic, p)
		}
	}()
	return do()
}

// digest is the exclusive or of the hashes of all rows: it changes with any one of them, and Save
// can keep it without reading the others. bbolt itself has checksums on its two meta pages only.
type digest uint64

func digestOf(key, value []byte) digest {
	h := fnv.New64a()
	_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(key)))) // hash.Hash never fails
	_, _ = h.Write(key)
	_, _ = h.Write(value)
	return digest(h.Sum64())
}

func (d digest) encode() []byte { return binary.BigEndian.AppendUint64(nil, uint64(d)) }

func decodeDigest(b []byte) (digest, error) {
	if len(b) != 8 {
		return 0, fmt.Errorf("%w (it has no digest)", ErrDamaged)
	}
	return digest(binary.BigEndian.Uint64(b)), nil
}

// checkSchema reads a version. It refuses one that is malformed, or later than ours.
func checkSchema(value []byte) (int, error) {
	version, err := strconv.Atoi(string(value))
	if err != nil || version < 1 {
		return 0, fmt.Errorf("%w (schema version %q)", ErrDamaged, value)
	}
	if version > SchemaVersion {
		return 0, fmt.Errorf("%w (its schema version is %d, this program knows up to %d)", ErrNewer, version, SchemaVersion)
	}
	return version, nil
}
