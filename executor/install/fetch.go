package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"
)

// fetcher opens sources. Its times are fields so that tests do not wait.
type fetcher struct {
	client *http.Client
	// tries is how often in a row a broken connection is made again, and how often in one Get a
	// download begins again at its first byte; the pause before it doubles from pause to maxPause.
	// Bytes in a number of wellAfter make the next failure the first one again.
	tries           int
	pause, maxPause time.Duration
	wellAfter       int64
	// stall is how long a connection may be silent, head how long a server may take to say whether a tarball has changed.
	stall, head time.Duration
	// silent is how long no byte may come until that is reported.
	silent time.Duration
}

func newFetcher() fetcher {
	t := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		// The digest is of the bytes as the server has them.
		DisableCompression:    true,
		DisableKeepAlives:     true,
		ResponseHeaderTimeout: 30 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
	}
	return fetcher{
		client: &http.Client{Transport: t, CheckRedirect: checkRedirect},
		tries:  5, pause: 500 * time.Millisecond, maxPause: 8 * time.Second, wellAfter: 4 << 20,
		stall: 30 * time.Second, head: 5 * time.Second, silent: silentAfter,
	}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return &finalError{errors.New("the server redirects more than 10 times")}
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return &finalError{fmt.Errorf("the server redirects from https to %s at %s, which anybody on the way could change",
			req.URL.Scheme, req.URL.Host)}
	}
	return nil
}

// finalError is one that a retry cannot resolve.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }
func (e *finalError) Unwrap() error { return e.err }

// restartError asks to begin the download again: the connection broke and cannot be continued where it did.
type restartError struct{ err error }

func (e *restartError) Error() string { return e.err.Error() }
func (e *restartError) Unwrap() error { return e.err }

// budget bounds how often one Get tries again.
type budget struct {
	fetcher *fetcher
	watch   *watch
	spent   int
	pause   time.Duration
	// well is how many bytes have come since the last failure.
	well int64
}

func (f *fetcher) budget(w *watch) *budget {
	w.try(1, f.tries+1, nil)
	return &budget{fetcher: f, watch: w, pause: f.pause}
}

// spend waits before another try, or returns the cause when there are none left.
func (b *budget) spend(ctx context.Context, cause error) error {
	b.well = 0
	if b.spent == b.fetcher.tries {
		return cause
	}
	b.spent++
	b.watch.try(b.spent+1, b.fetcher.tries+1, cause)
	wait := b.pause/2 + rand.N(b.pause/2+1)
	b.pause = min(2*b.pause, b.fetcher.maxPause)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

// earn notes that n bytes have come, so that a long download over a line that breaks now and then
// completes.
func (b *budget) earn(n int) {
	if b.spent == 0 {
		return
	}
	if b.well += int64(n); b.well >= b.fetcher.wellAfter {
		b.spent, b.pause = 0, b.fetcher.pause
		b.watch.try(1, b.fetcher.tries+1, nil)
	}
}

// open returns the bytes of src and what is known of them; the digest is not.
func (f *fetcher) open(ctx context.Context, src source, b *budget) (io.ReadCloser, record, error) {
	if src.url.Scheme == "file" {
		return openFile(src)
	}
	d, err := newDownload(ctx, f, src, b)
	if err != nil {
		return nil, record{}, err
	}
	return d, d.rec, nil
}

// sameness identifies the content of a tarball that was fetched before.
type sameness int

const (
	maybeSame sameness = iota // nothing shows that it changed
	surelySame
	changed
)

// compare tells whether src still gives the tarball that rec describes. A server that does not
// answer, does not answer HEAD or has lost the tarball does not keep a task from what this host
// has.
func (f *fetcher) compare(ctx context.Context, src source, rec record) (sameness, error) {
	if src.url.Scheme == "file" {
		now, err := statFile(src)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return maybeSame, nil
		case err != nil:
			return maybeSame, err
		case now.Size != rec.Size || now.Modified != rec.Modified || now.Inode != rec.Inode:
			return changed, nil
		}
		return surelySame, nil
	}
	limited, cancel := context.WithTimeout(ctx, f.head)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodHead, src.url.String(), nil)
	if err != nil {
		return maybeSame, errors.New("the URL cannot be requested")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return maybeSame, context.Cause(ctx)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return maybeSame, nil
	}
	return describe(resp).compare(rec), nil
}

func describe(resp *http.Response) record {
	return record{Size: resp.ContentLength, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
}

func openFile(src source) (io.ReadCloser, record, error) {
	rec, err := statFile(src)
	if err != nil {
		return nil, rec, err
	}
	file, err := os.Open(src.url.Path)
	if err != nil {
		return nil, rec, cause(err)
	}
	return file, rec, nil
}

func statFile(src source) (record, error) {
	st, err := os.Stat(src.url.Path)
	if err != nil {
		return record{}, cause(err)
	}
	if !st.Mode().IsRegular() {
		return record{}, errors.New("it is not a file")
	}
	rec := record{Size: st.Size(), Modified: st.ModTime().UnixNano()}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		rec.Inode = sys.Ino
	}
	return rec, nil
}

// cause strips what repeats the path or URL: the caller names it, without credentials.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
