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
	// tries is how often a broken connection is made again during one Get; the pause before it doubles from pause to maxPause.
	tries           int
	pause, maxPause time.Duration
	// stall is how long a connection may be silent, head how long a server may take to say whether a tarball has changed.
	stall, head time.Duration
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
		tries:  5, pause: 500 * time.Millisecond, maxPause: 8 * time.Second,
		stall: 60 * time.Second, head: 5 * time.Second,
	}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return &finalError{errors.New("the server redirects more than 10 times")}
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return &finalError{fmt.Errorf("the server redirects from https to %s at %s, which anybody on the way could change", req.URL.Scheme, req.URL.Host)}
	}
	return nil
}

// finalError is one that trying again cannot mend.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }
func (e *finalError) Unwrap() error { return e.err }

// restartError asks to begin the download again: the connection broke and cannot be continued where it did.
type restartError struct{ err error }

func (e *restartError) Error() string { return e.err.Error() }
func (e *restartError) Unwrap() error { return e.err }

// budget bounds how often one Get tries again.
type budget struct {
	left            int
	pause, maxPause time.Duration
}

func (f *fetcher) budget() *budget {
	return &budget{left: f.tries, pause: f.pause, maxPause: f.maxPause}
}

// spend waits before another try, or returns the cause when there are none left.
func (b *budget) spend(ctx context.Context, cause error) error {
	if b.left == 0 {
		return cause
	}
	b.left--
	wait := b.pause/2 + rand.N(b.pause/2+1)
	b.pause = min(2*b.pause, b.maxPause)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
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

// changed tells whether src gives another tarball than rec says. A server that does not answer, does not answer HEAD or has lost the
// tarball does not keep a task from what this host has.
func (f *fetcher) changed(ctx context.Context, src source, rec record) (bool, error) {
	if src.url.Scheme == "file" {
		now, err := statFile(src)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		return now.Size != rec.Size || now.Modified != rec.Modified || now.Inode != rec.Inode, err
	}
	limited, cancel := context.WithTimeout(ctx, f.head)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodHead, src.url.String(), nil)
	if err != nil {
		return false, errors.New("the URL cannot be requested")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return false, context.Cause(ctx)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, nil
	}
	now := describe(resp)
	switch {
	case now.ETag != "" && rec.ETag != "":
		return now.ETag != rec.ETag, nil
	case now.LastModified != "" && rec.LastModified != "" && now.LastModified != rec.LastModified:
		return true, nil
	}
	return now.Size >= 0 && rec.Size >= 0 && now.Size != rec.Size, nil
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
