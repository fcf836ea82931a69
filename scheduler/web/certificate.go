package web

import (
	"crypto/tls"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
)

// Reloaded returns the API's certificate as its files have it now: a certificate that is renewed in
// its place needs no new start. Files that cannot be read, as in the middle of a renewal, leave the
// one before.
func Reloaded(files config.TLS, log zerolog.Logger) func() (*tls.Certificate, error) {
	var mu sync.Mutex
	var last *tls.Certificate
	var read [2]time.Time
	return func() (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		now := [2]time.Time{modified(files.CertFile), modified(files.KeyFile)}
		if last != nil && now == read {
			return last, nil
		}
		pair, err := files.Pair()
		switch {
		case err == nil:
			last = &pair
		case last == nil:
			return nil, err
		default:
			log.Error().Err(err).Msg("the API goes on with the certificate it had")
		}
		read = now
		return last, nil
	}
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
