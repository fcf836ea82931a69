package alluxio

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// fakeWorker lists files as a genuine worker does.
type fakeWorker struct {
	ids     []int64
	unknown map[int64]bool // the master does not tell their state
}

func (w *fakeWorker) page(offset, limit int) BlockPage {
	page := BlockPage{Total: len(w.ids)}
	if offset > len(w.ids) {
		page.Err = "fromIndex > toIndex"
		return page
	}
	for _, id := range w.ids[offset:min(offset+limit, len(w.ids))] {
		if !w.unknown[id] {
			page.Files = append(page.Files, BlockFile{ID: id})
		}
	}
	return page
}

// list lists all files; change happens before each page.
func (w *fakeWorker) list(change func()) (l BlockList, ids []int64) {
	for {
		offset, limit, more := l.Next()
		if !more {
			return l, ids
		}
		change()
		files, _ := l.Take(w.page(offset, limit))
		for _, f := range files {
			ids = append(ids, f.ID)
		}
	}
}

func newWorker(files int) *fakeWorker {
	w := &fakeWorker{unknown: map[int64]bool{}}
	for i := range files {
		w.ids = append(w.ids, int64(i+1)<<24)
	}
	return w
}

func TestAllFilesAreListedOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, pageFiles, pageFiles + pageOverlap, pageFiles + pageOverlap + 1, 2 * pageFiles, 5000} {
		w := newWorker(n)
		l, ids := w.list(func() {})
		if l.Err != "" || l.Missing != 0 || l.Total != n || l.Seen() != n || !slices.Equal(ids, w.ids) {
			t.Errorf("of %d files: %+v, %d IDs", n, l, len(ids))
		}
	}
}

// While a worker serves, files come and go: none that is there all the time is missed or listed
// twice, or the list says that it is cut.
func TestNoFileIsMissedWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	cut := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		w := newWorker(random.IntN(4000))
		all, gone := slices.Clone(w.ids), map[int64]bool{}
		speed := []int{5, 40, 400}[seed%3]
		l, ids := w.list(func() {
			for range random.IntN(speed) {
				if i := random.IntN(len(w.ids) + 1); i < len(w.ids) {
					gone[w.ids[i]] = true
					w.ids = slices.Delete(w.ids, i, i+1)
				}
				if random.IntN(3) == 0 {
					w.ids = append(w.ids, slices.Max(append(w.ids, all...))+1<<24)
				}
			}
		})
		if l.Err != "" {
			cut++
			continue
		}
		seen := map[int64]bool{}
		for _, id := range ids {
			if seen[id] {
				t.Fatalf("seed %d: %d was listed twice", seed, id)
			}
			seen[id] = true
		}
		for _, id := range all {
			if !gone[id] && !seen[id] {
				t.Fatalf("seed %d: %d was missed", seed, id)
			}
		}
	}
	if cut > 150 {
		t.Errorf("%d of 300 lists were cut", cut)
	}
}

// A worker leaves out the files about which the master does not answer, without a word.
func TestFilesWithoutAStateAreMissing(t *testing.T) {
	t.Parallel()
	w := newWorker(pageFiles * 2)
	w.unknown[w.ids[3]], w.unknown[w.ids[pageFiles+100]] = true, true
	l, ids := w.list(func() {})
	if l.Err != "" || l.Missing != 2 || len(ids) != pageFiles*2-2 {
		t.Errorf("%+v, %d IDs", l, len(ids))
	}
	pages := 0
	l, ids = w.list(func() {
		if pages++; pages == 2 { // one was deleted: its block is gone a moment later
			w.ids = slices.Delete(w.ids, 3, 4)
			w.unknown = map[int64]bool{}
		}
	})
	if l.Err != "" || l.Missing != 0 || len(ids) != pageFiles*2-1 {
		t.Errorf("%+v, %d IDs", l, len(ids))
	}
}

func TestAListThatIsCutSaysSo(t *testing.T) {
	t.Parallel()
	var l BlockList
	for l.Fail("connection refused") {
		if _, _, more := l.Next(); !more {
			t.Fatal("it ends without an error")
		}
	}
	if _, _, more := l.Next(); more || !strings.Contains(l.Err, "is cut after 0 of 0: connection refused") {
		t.Errorf("%q, and it goes on: %v", l.Err, more)
	}
	l, _ = newWorker(3).list(func() {})
	for l = (BlockList{}); ; {
		if _, again := l.Take(BlockPage{Err: "alluxio.web.file.info.enabled=false"}); !again {
			break
		}
	}
	if !strings.Contains(l.Err, "alluxio.web.file.info.enabled=false") {
		t.Error(l.Err)
	}
}

func TestSizesForPeopleAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Bytes{"0B": 0, "5120B": 5120, "5.50KB": 5632, "12.50GB": 25 * config.GB / 2,
		"5.00PB": 5 << 50, "": 0, "GB": 0, "-1KB": 0, "NaNKB": 0, "1e99PB": 0, "12": 0} {
		if got := roundedSize(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

const onePage = `{"blockSizeBytes":null,"fatalError":"","fileBlocksOnTier":null,"invalidPathError":"",
"orderedTierAliases":["MEM"],"fileInfos":[
{"id":50331647,"name":"a","absolutePath":"/a \"file\"\n\u00fc","persistenceState":"TO_BE_PERSISTED","size":"8B",
 "inAlluxioPercentage":100,"isDirectory":false,
 "blocksOnTier":{"MEM":[{"id":1,"blockLength":5},{"id":2,"blockLength":3}]}},
{"id":67108863,"absolutePath":"/b","persistenceState":"NOT_PERSISTED","size":"0B","inAlluxioPercentage":100,
 "blocksOnTier":{"SSD":[{"id":3,"blockLength":7}]}}],"ntotalFile":9007199254740993}`

func TestAPageIsReadAsAWorkerWritesIt(t *testing.T) {
	t.Parallel()
	page, err := ReadBlockPage(strings.NewReader(onePage))
	want := []BlockFile{{ID: 50331647, Path: "/a \"file\"\nü", State: StateToPersist, Everywhere: true, Bytes: 8, Size: 8},
		{ID: 67108863, Path: "/b", State: "NOT_PERSISTED", Everywhere: true, Open: true, Bytes: 7}}
	if err != nil || page.Total != 9007199254740993 || page.Err != "" || !slices.Equal(page.Files, want) {
		t.Errorf("%v: %+v", err, page)
	}
	for body, says := range map[string]string{
		`{"fatalError":"out of bound","ntotalFile":5}`:        "out of bound",
		`{"fatalError":null,"fileInfos":null,"ntotalFile":0}`: "alluxio.web.file.info.enabled",
		`{"ntotalFile":0}`: "alluxio.web.file.info.enabled",
		`{"fatalError":"","fileInfos":[],"ntotalFile":0,"later":1}`: "",
	} {
		if page, err := ReadBlockPage(strings.NewReader(body)); err != nil || !strings.Contains(page.Err, says) ||
			(says == "") != (page.Err == "") {
			t.Errorf("%s: %v, %+v", body, err, page)
		}
	}
	for end := range len(onePage) {
		if _, err := ReadBlockPage(strings.NewReader(onePage[:end])); err == nil {
			t.Fatalf("a page cut after %d bytes is taken for a whole one", end)
		}
	}
	for _, body := range []string{"", "[]", "<html>", `{"fileInfos":7}`, `{"fileInfos":[{"id":"x"}]}`} {
		if page, err := ReadBlockPage(strings.NewReader(body)); err == nil {
			t.Errorf("%q is read as %+v", body, page)
		}
	}
}

// FuzzBlockPage: whatever answers at a worker's port, reading it ends.
func FuzzBlockPage(f *testing.F) {
	f.Add([]byte(onePage))
	f.Fuzz(func(t *testing.T, data []byte) {
		page, err := ReadBlockPage(strings.NewReader(string(data)))
		var l BlockList
		l.Take(page)
		for _, file := range page.Files {
			if err == nil && file.Bytes < 0 {
				t.Error(fmt.Sprint(file))
			}
		}
	})
}
