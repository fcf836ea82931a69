package install

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// download reads one HTTP resource. A connection that breaks is continued where it did, if the server can do that.
type download struct {
	// request asks for the resource, or with a Range for the rest of it, and sets body; wait waits
	// before another try, or returns the cause; earn notes bytes that have come; ended is the
	// context's error.
	request func(byteRange string) (answer, error)
	wait    func(cause error) error
	earn    func(n int)
	ended   func() error
	stall   time.Duration

	rec  record
	done int64
	body io.ReadCloser
	// cancel ends the request of body, which watchdog does when the server is silent.
	cancel   context.CancelCauseFunc
	watchdog *time.Timer
}

var errStalled = errors.New("the server went silent")

// newDownload opens src from its first byte.
func newDownload(ctx context.Context, f *fetcher, src source, b *budget) (*download, error) {
	d := &download{stall: f.stall}
	d.ended = func() error { return context.Cause(ctx) }
	d.wait = func(cause error) error { return b.spend(ctx, cause) }
	d.earn = b.earn
	d.request = func(byteRange string) (answer, error) { return d.send(ctx, f.client, src, byteRange) }
	return d, d.start()
}

func (d *download) start() error {
	for {
		got, err := d.request("")
		if err == nil && got.code != http.StatusOK {
			d.drop()
			err = got.rejection()
		}
		if err == nil {
			d.rec = got.rec
			return nil
		}
		var final *finalError
		if errors.As(err, &final) {
			return err
		}
		if err := d.wait(err); err != nil {
			return err
		}
	}
}

// answer is the head of a response.
type answer struct {
	code                 int
	status, contentRange string
	rec                  record
}

func (d *download) send(ctx context.Context, client *http.Client, src source, byteRange string) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, src.url.String(), nil)
	if err != nil {
		cancel(nil)
		return answer{}, &finalError{errors.New("the URL cannot be requested")}
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
		req.Header.Set("If-Range", d.rec.validator())
	}
	resp, err := client.Do(req) //nolint:bodyclose // Close does
	if err != nil {
		cancel(nil)
		if ended := d.ended(); ended != nil {
			return answer{}, &finalError{ended}
		}
		return answer{}, classify(cause(err))
	}
	d.body, d.cancel = resp.Body, cancel
	d.watchdog = time.AfterFunc(d.stall, func() { cancel(errStalled) })
	d.watchdog.Stop() // it runs only while we wait for the server, not while the server waits for our disk
	return answer{resp.StatusCode, resp.Status, resp.Header.Get("Content-Range"), describe(resp)}, nil
}

// classify makes errors final that a retry cannot resolve.
func classify(err error) error {
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return &finalError{fmt.Errorf("the server's certificate is not trusted on this agent: %w", cert.Err)}
	}
	return fmt.Errorf("the server cannot be reached: %w", err)
}

// rejection is the error of an answer that brings no tarball.
func (a answer) rejection() error {
	err := fmt.Errorf("the server answers %s", a.status)
	switch code := a.code; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return &finalError{fmt.Errorf("%w: is the URL right?", err)}
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return &finalError{fmt.Errorf("%w: it wants other credentials, or a proxy is in the way", err)}
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return err
	}
	return &finalError{err}
}

// Read implements io.Reader. Its error is io.EOF only when all of the resource was read; a
// restartError when a new start may help.
func (d *download) Read(p []byte) (int, error) {
	for {
		d.watchdog.Reset(d.stall)
		n, err := d.body.Read(p)
		d.watchdog.Stop()
		d.done += int64(n)
		if n > 0 {
			d.earn(n)
			return n, nil
		}
		if err == nil {
			continue
		}
		if err == io.EOF && (d.rec.Size < 0 || d.done == d.rec.Size) {
			return 0, io.EOF
		}
		if ended := d.ended(); ended != nil {
			return 0, ended
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume asks for the rest after the connection broke because of err.
func (d *download) resume(err error) error {
	broken := &restartError{d.broken(err)}
	d.drop()
	if d.rec.validator() == "" || d.done == 0 {
		return broken
	}
	for {
		if err := d.wait(broken.err); err != nil {
			return err
		}
		got, err := d.request(fmt.Sprintf("bytes=%d-", d.done))
		var final *finalError
		if errors.As(err, &final) {
			return err
		}
		if err != nil {
			broken.err = err
			continue
		}
		if d.continues(got) {
			return nil
		}
		d.drop()
		if got.code == http.StatusOK || got.code == http.StatusPartialContent ||
			got.code == http.StatusRequestedRangeNotSatisfiable {
			return broken // the tarball changed, or the server sends whole ones only
		}
		if err = got.rejection(); errors.As(err, &final) {
			return err
		}
		broken.err = err
	}
}

// continues is true when got brings the rest of the same tarball. Some servers do not know
// If-Range.
func (d *download) continues(got answer) bool {
	if got.code != http.StatusPartialContent || !strings.HasPrefix(got.contentRange, fmt.Sprintf("bytes %d-", d.done)) {
		return false
	}
	if _, total, _ := strings.Cut(got.contentRange, "/"); d.rec.Size >= 0 && total != "*" &&
		total != strconv.FormatInt(d.rec.Size, 10) {
		return false
	}
	if got.rec.ETag != "" && d.rec.ETag != "" {
		return got.rec.ETag == d.rec.ETag
	}
	return got.rec.LastModified == "" || got.rec.LastModified == d.rec.LastModified
}

func (d *download) broken(err error) error {
	if errors.Is(err, context.Canceled) {
		err = errStalled
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the server closed the connection")
	}
	of := ""
	if d.rec.Size >= 0 {
		of = " of " + hostfs.Human(d.rec.Size)
	}
	return fmt.Errorf("the download broke off after %s%s: %w", hostfs.Human(d.done), of, err)
}

// drop ends a request whose errors are of no interest any more.
func (d *download) drop() { _ = d.Close() }

// Close ends the request.
func (d *download) Close() error {
	d.watchdog.Stop()
	d.cancel(nil)
	return d.body.Close()
}
