package alluxio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// blocksPath is where a worker's web port lists the files of which it has blocks, in the order of
// their IDs (Alluxio: WorkerWebUIBlockInfo, 2.3 to 2.9).
const blocksPath = "/api/v1/worker/webui_blockinfo"

// BlocksURL asks a worker for limit files, from the offset-th on.
func BlocksURL(worker launch.Address, offset, limit int) string {
	return webURL(worker.Host, worker.Web, fmt.Sprintf("%s?offset=%d&limit=%d", blocksPath, offset, limit))
}

// BlockPage is a part of the list of files of which a worker has blocks.
type BlockPage struct {
	// Total is how many files the whole list has.
	Total int
	// Files are in the order of their IDs. Some that were asked for may be missing: the worker leaves
	// out files whose state the leading master did not tell.
	Files []BlockFile
	// Err says why the worker did not list any, or is "".
	Err string
}

// BlockFile is a file of which a worker has blocks.
type BlockFile struct {
	ID   int64
	Path string
	// State is its persistence state, such as TO_BE_PERSISTED.
	State string
	// Everywhere is true when the leading master knows a worker for each of its blocks.
	Everywhere bool
	// Open is true when the file was not completed: a client writes it, or has given it up.
	Open bool
	// Bytes is the sum of the lengths of its blocks on this worker.
	Bytes config.Bytes
	// Size is the length of the file, rounded.
	Size config.Bytes
}

// The persistence states of a file (Alluxio: PersistenceState); the fourth is NOT_PERSISTED.
const (
	StatePersisted = "PERSISTED"
	// StateToPersist is the only one of which the job service persists files by itself.
	StateToPersist = "TO_BE_PERSISTED"
	StateLost      = "LOST"
)

// webFile is a file as a worker's page has it (Alluxio: UIFileInfo).
type webFile struct {
	ID               int64  `json:"id"`
	AbsolutePath     string `json:"absolutePath"`
	PersistenceState string `json:"persistenceState"`
	Percentage       int    `json:"inAlluxioPercentage"`
	// Size is 0B until the file is completed.
	Size   string `json:"size"`
	Blocks map[string][]struct {
		Length int64 `json:"blockLength"`
	} `json:"blocksOnTier"`
}

// ReadBlockPage reads what a worker answers to BlocksURL. It keeps only what BlockFile has: a page may
// be large, since it has each block of each file.
func ReadBlockPage(in io.Reader) (page BlockPage, err error) {
	d, listed := json.NewDecoder(in), false
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return page, fmt.Errorf("something else than an Alluxio worker answers: %w", orNoObject(err))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return page, err
		}
		switch key {
		case "ntotalFile", "nTotalFile":
			err = d.Decode(&page.Total)
		case "fatalError":
			err = d.Decode(&page.Err)
		case "fileInfos":
			page.Files, listed, err = readBlockFiles(d)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return page, err
		}
	}
	if _, err := d.Token(); err != nil {
		return page, err
	}
	if !listed && page.Err == "" {
		page.Err = "it lists no files, as with alluxio.web.file.info.enabled=false"
	}
	return page, nil
}

var errNoObject = errors.New("no JSON object")

func orNoObject(err error) error {
	if err == nil {
		return errNoObject
	}
	return err
}

// readBlockFiles reads a list of files, or null.
func readBlockFiles(d *json.Decoder) (files []BlockFile, listed bool, err error) {
	if t, err := d.Token(); err != nil || t == nil {
		return nil, false, err
	} else if t != json.Delim('[') {
		return nil, false, errors.New("fileInfos is no list")
	}
	for d.More() {
		var f webFile
		if err := d.Decode(&f); err != nil {
			return nil, false, err
		}
		file := BlockFile{ID: f.ID, Path: f.AbsolutePath, State: f.PersistenceState, Everywhere: f.Percentage >= 100}
		for _, tier := range f.Blocks {
			for _, b := range tier {
				file.Bytes += config.Bytes(max(0, b.Length))
			}
		}
		file.Size = roundedSize(f.Size)
		file.Open = f.Size == "0B" && file.Bytes > 0
		files = append(files, file)
	}
	_, err = d.Token()
	return files, true, err
}

// roundedSize reads a size as Alluxio writes it for people, such as 12.34GB, or is 0.
func roundedSize(text string) config.Bytes {
	for i, unit := range []string{"PB", "TB", "GB", "MB", "KB", "B"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil || !(n >= 0 && n <= 1<<20) {
				return 0
			}
			return config.Bytes(n * math.Pow(1<<10, float64(5-i)))
		}
	}
	return 0
}

// Counting says how files are counted.
type Counting struct {
	// Listed is true for a worker that the leading master lists: otherwise Everywhere is about others.
	Listed bool
	// PersistAll is that of the request.
	PersistAll bool
	// Open are the IDs of files that were open some time ago.
	Open map[int64]bool
}

// Count adds f to the count of r that it belongs to, and returns whether it has to be persisted.
func (c Counting) Count(r *launch.FilesResult, f *BlockFile) (persist bool) {
	r.Listed++
	count := &r.Unpersisted
	switch {
	case f.State == StatePersisted:
		return false
	case f.Open && c.Open[f.ID]: // it counts as everywhere, whatever it has
		count = &r.Abandoned
	case f.Open:
		count = &r.Open
	case !c.Listed && f.Everywhere:
		count = &r.Copied
	case f.State == StateLost && c.Listed && !f.Everywhere:
		count = &r.Lost
	case f.State == StateToPersist || f.State == StateLost || c.PersistAll:
		count, persist = &r.Found, true
	}
	count.Add(f.Path, f.Bytes)
	return persist
}
