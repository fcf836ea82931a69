package launch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// MaxSize bounds an encoded Spec: what Mesos carries comfortably in one TaskInfo.
const MaxSize = 256 << 10

// SiteSize is the size of a site file that fits into a task whatever is in it and wherever it is,
// without other files beside it.
const SiteSize config.Bytes = 100 << 10

const (
	// packedVersion is the schema version of a Spec that is too large as JSON: its site file and
	// files follow the JSON, compressed. An executor that knows version 1 only refuses it by
	// number; it could not have been given that much before.
	packedVersion = 2
	// maxUnpacked bounds what is packed, before it is.
	maxUnpacked = 4 << 20
)

// ErrTooLarge is returned by Encode for a Spec over MaxSize.
var ErrTooLarge = errors.New("the configuration is too large to travel with a task")

// wire is a Spec as it travels.
type wire struct {
	Spec
	// SiteFolder is the folder of the site file. The properties carry the file's name and line
	// only: they are many, and the path may be long.
	SiteFolder string `json:"siteFolder,omitempty"`
	// Masters are Endpoints[config.Master]: executors of earlier versions know them only here, and
	// schedulers of earlier versions write nothing else.
	Masters []Address `json:"masters"`
}

// packed has the parts of a Spec of packedVersion that are compressed.
type packed struct {
	Site  []config.Property `json:"site,omitempty"`
	Files []config.File     `json:"files,omitempty"`
}

// Encode writes s as JSON, with its site file and files compressed when they would not fit
// otherwise. Its only errors are ErrTooLarge and what encoding/json cannot encode.
func (s *Spec) Encode() ([]byte, error) {
	w := wire{Spec: *s, Masters: s.Endpoints[config.Master]}
	w.SiteFolder, w.Site = shorten(s.Site)
	data, err := marshal(w)
	if err == nil && len(data) > MaxSize {
		data, err = w.pack()
	}
	if err != nil {
		return nil, fmt.Errorf("encode LaunchSpec: %w", err)
	}
	if len(data) > MaxSize {
		return nil, s.tooLarge(len(data))
	}
	return data, nil
}

func (s *Spec) tooLarge(size int) error {
	site, files := 0, 0
	for _, p := range s.Site {
		site += len(p.Key) + len("=") + len(p.Value) + len("\n")
	}
	for _, f := range s.Files {
		files += len(f.Data)
	}
	return fmt.Errorf("%w: the task's data takes %d bytes of at most %d; the site file has %d bytes (%s always fit) "+
		"and the files beside it have %d; "+
		"shorten the site file or the files beside it", ErrTooLarge, size, MaxSize, site, SiteSize, files)
}

// pack writes the Spec without site file and files, and these behind it.
func (w wire) pack() ([]byte, error) {
	content, err := marshal(packed{w.Site, w.Files})
	if err != nil {
		return nil, err
	}
	w.Version, w.Site, w.Files = packedVersion, nil, nil
	head, err := marshal(w)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(head)
	if len(content) > maxUnpacked { // Decode would refuse it
		out.Write(content)
		return out.Bytes(), nil
	}
	zip := gzip.NewWriter(out)
	_, err = zip.Write(content)
	err = errors.Join(err, zip.Close())
	return out.Bytes(), err
}

// unpack reads what follows a Spec of packedVersion.
func (w *wire) unpack(data []byte) error {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	content, err := io.ReadAll(io.LimitReader(zip, maxUnpacked+1))
	if err != nil {
		return err
	}
	if len(content) > maxUnpacked {
		return fmt.Errorf("its site file and files take more than %d bytes", maxUnpacked)
	}
	var p packed
	if err := json.Unmarshal(content, &p); err != nil {
		return err
	}
	w.Version, w.Site, w.Files = SchemaVersion, p.Site, p.Files
	return nil
}

// Decode reads a Spec from what arrived in TaskInfo.data. It refuses unknown newer versions by
// number, unknown roles, oversized and malformed data.
func Decode(data []byte) (*Spec, error) { return DecodeWith(config.AlluxioRoles(), data) }

// DecodeWith is Decode for a table of roles.
func DecodeWith(roles *config.RoleTable, data []byte) (*Spec, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("decode LaunchSpec: %d bytes, at most %d are allowed", len(data), MaxSize)
	}
	var w wire
	in := json.NewDecoder(bytes.NewReader(data))
	err := in.Decode(&w)
	if err == nil && w.Version == packedVersion {
		err = w.unpack(data[in.InputOffset():])
	}
	if err != nil {
		return nil, fmt.Errorf("decode LaunchSpec: %w", err)
	}
	if w.Version != SchemaVersion {
		return nil, fmt.Errorf("decode LaunchSpec: version %d is unknown to this executor (it knows up to %d); use "+
			"the executor of the framework's own version", w.Version, packedVersion)
	}
	if roles.Row(w.Role) == nil {
		return nil, fmt.Errorf("decode LaunchSpec: unknown role %q", w.Role)
	}
	lengthen(w.SiteFolder, w.Site)
	if w.Endpoints == nil && len(w.Masters) > 0 {
		w.Endpoints = map[config.Role][]Address{config.Master: w.Masters}
	}
	return &w.Spec, nil
}

// siteSource is how the Source of a property begins that comes from the site file, behind its
// folder.
const siteSource = config.SiteFile + ":"

// shorten returns the folder of the site file and the properties without it in their Source.
func shorten(site []config.Property) (folder string, short []config.Property) {
	short = slices.Clone(site)
	for i, p := range short {
		at := strings.LastIndex(p.Source, "/"+siteSource) + 1
		if at == 0 {
			continue
		}
		if folder == "" {
			folder = p.Source[:at]
		}
		if p.Source[:at] == folder {
			short[i].Source = p.Source[at:]
		}
	}
	return folder, short
}

// lengthen undoes shorten.
func lengthen(folder string, site []config.Property) {
	for i, p := range site {
		if strings.HasPrefix(p.Source, siteSource) {
			site[i].Source = folder + p.Source
		}
	}
}

// marshal encodes without the escapes that JSON has inside of HTML only: they would take six bytes
// for one.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
