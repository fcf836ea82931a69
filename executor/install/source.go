package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// source is where a tarball comes from. It prints without credentials.
type source struct {
	url *url.URL
}

func parseSource(raw string) (source, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The error of url.Parse quotes raw, which may hold a password.
		return source{},
			errors.New("the tarball's URL cannot be read: write http://host/file.tar.gz, https://… or file:///path")
	}
	s := source{u}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return source{}, fmt.Errorf("the tarball's URL %s names no host", s)
		}
	case "file":
		if (u.Host != "" && u.Host != "localhost") || u.Path == "" {
			return source{},
				fmt.Errorf("the tarball's URL %s: write file:// and an absolute path, e.g. file:///opt/alluxio.tar.gz", s)
		}
	default:
		return source{}, fmt.Errorf("the tarball's URL %s: only http, https and file can be fetched", s)
	}
	return s, nil
}

// String is the URL without user, password, query and fragment: signed URLs carry their secret in the query.
func (s source) String() string {
	shown := url.URL{Scheme: s.url.Scheme, Host: s.url.Host, Path: s.url.Path, Opaque: s.url.Opaque}
	if s.url.RawQuery != "" {
		return shown.String() + "?…"
	}
	return shown.String()
}

// key names s in the cache without showing it.
func (s source) key() string {
	sum := sha256.Sum256([]byte(s.url.String()))
	return hex.EncodeToString(sum[:])
}

// record is what sources/<key>.json says: what a URL gave, and what shows that it has not changed since.
type record struct {
	SHA256 string `json:"sha256"`
	// Size is the tarball's size in bytes, or -1 when the server did not say.
	Size int64 `json:"size"`
	// ETag and LastModified are the HTTP server's, Modified (nanoseconds since 1970) and Inode the file's.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
	Modified     int64  `json:"modified,omitempty"`
	Inode        uint64 `json:"inode,omitempty"`
	// Refused is when the tarball was fetched and had another digest than the one that was
	// expected, or zero: it was not kept.
	Refused time.Time `json:"refused,omitzero"`
}

// compare tells whether the tarball that a server describes by r now is the one of before.
func (r record) compare(before record) sameness {
	sizes := r.Size >= 0 && before.Size >= 0
	switch {
	case r.ETag != "" && before.ETag != "":
		if r.ETag == before.ETag {
			return surelySame
		}
		return changed
	case sizes && r.Size != before.Size:
		return changed
	case r.LastModified == "" || before.LastModified == "":
		return maybeSame
	case r.LastModified != before.LastModified:
		return changed
	case sizes:
		return surelySame
	}
	return maybeSame
}

// validator is what If-Range may carry: a strong ETag, else the date, else "".
// HTTP: RFC 9110, 13.1.5.
func (r record) validator() string {
	if r.ETag != "" && r.ETag[0] == '"' {
		return r.ETag
	}
	return r.LastModified
}

func (c *Cache) recall(src source) (record, bool) {
	var rec record
	data, err := os.ReadFile(c.path("sources", src.key()+".json"))
	if err != nil || json.Unmarshal(data, &rec) != nil {
		return record{}, false
	}
	if d, err := parseDigest(rec.SHA256); err != nil || d == "" {
		return record{}, false
	}
	return rec, true
}

// sourcesLock is held by who writes or removes a record: a record that is written is not there
// under its own name yet, and one that looks useless may be replaced in that moment.
const sourcesLock = "sources.lock"

func (c *Cache) remember(ctx context.Context, src source, rec record) error {
	data, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	lock, err := hostfs.WaitPrivateLock(ctx, c.path("locks", sourcesLock), hostfs.Exclusive)
	if err != nil {
		return err
	}
	defer lock.Remove()
	// Written aside and renamed: readers take no lock.
	file := c.path("sources", src.key()+".json")
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
