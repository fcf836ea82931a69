package alluxio

import "fmt"

const (
	// pageFiles is how many new files a page asks for: the worker keeps a page in its heap.
	pageFiles = 500
	// pageOverlap is how many files of the page before are asked for again. While files disappear the
	// list moves together, and one could fall between two pages.
	pageOverlap = 16
	// pageTries is how often a page is asked for whose files are not all there, or that does not reach
	// back to the one before.
	pageTries = 4
)

// BlockList lists all files of which a worker has blocks, page by page. The list changes meanwhile:
// files that come later have later IDs, mostly, and those that go move the rest forward.
type BlockList struct {
	offset int   // of the next page
	last   int64 // the ID of the last file that was seen
	seen   int   // files
	tries  int   // of this page
	absent int   // files of this page that were not there at the last try
	done   bool
	// Total is how many files the last page counted.
	Total int
	// Missing is how many files the worker has blocks of, whose state the leading master did not
	// tell, twice in a row: files that were deleted, or about which it could not be asked. Some may
	// be counted twice.
	Missing int
	// Err says why the listing ended early, or is "".
	Err string
}

// Next is which part of the list to ask for next. more is false at its end, and when there is an Err.
func (l *BlockList) Next() (offset, limit int, more bool) {
	return l.offset, pageFiles + pageOverlap, !l.done && l.Err == ""
}

// Seen is how many files were returned by Take.
func (l *BlockList) Seen() int { return l.seen }

// Fail takes in that the page of Next could not be read. again is false when the listing ends by it.
func (l *BlockList) Fail(why string) (again bool) {
	if l.tries++; l.tries >= pageTries {
		l.Err = fmt.Sprintf("the worker's list of files is cut after %d of %d: %s", l.seen, l.Total, why)
	}
	return l.Err == ""
}

// Take takes in the page of Next, and returns the files of it that no page before had. again is true
// when it has to be asked for once more, after a moment.
func (l *BlockList) Take(page BlockPage) (files []BlockFile, again bool) {
	l.Total = max(page.Total, 0)
	if page.Err != "" {
		l.back()
		return nil, l.Fail(page.Err)
	}
	if l.offset > 0 && (len(page.Files) == 0 || page.Files[0].ID > l.last) && l.last > 0 {
		l.back()
		return nil, l.Fail("it changes too fast")
	}
	files, distinct := l.fresh(page.Files)
	wanted := min(pageFiles+pageOverlap, max(0, l.Total-l.offset))
	missing := max(0, wanted-distinct)
	if missing > 0 && missing != l.absent && l.tries+1 < pageTries { // take those that are there the next time
		l.tries, l.absent = l.tries+1, missing
		return nil, true
	}
	l.Missing += missing
	l.tries, l.absent = 0, 0
	l.seen += len(files)
	if len(files) > 0 {
		l.last = files[len(files)-1].ID
	}
	next := l.offset + wanted
	if l.done = next >= l.Total; !l.done {
		l.offset = next - pageOverlap
	}
	return files, false
}

// back makes the next page begin earlier: the list has become shorter.
func (l *BlockList) back() { l.offset = max(0, min(l.offset, l.Total)-pageFiles) }

// fresh are the files of a page that come after the last one, each once, and how many the page has.
func (l *BlockList) fresh(page []BlockFile) (files []BlockFile, distinct int) {
	previous := int64(-1)
	for _, f := range page {
		if f.ID == previous {
			continue
		}
		distinct, previous = distinct+1, f.ID
		if f.ID > l.last {
			files = append(files, f)
		}
	}
	return files, distinct
}
