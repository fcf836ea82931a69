package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// where says where the token is.
const where = "the token is in process.json in the framework's state folder, or in the file of " +
	config.KeyAPITokenFile

// permits answers a request itself that may not be served.
func (a *API) permits(to route, w http.ResponseWriter, r *http.Request) bool {
	if to.path == healthPath || !to.changes && fromThisHost(r) {
		return true
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok && !to.changes { // a browser asks its user and sends this
		_, given, ok = r.BasicAuth()
	}
	if ok && a.isToken(given) {
		return true
	}
	message := "this request needs the header \"Authorization: Bearer <token>\"; " + where
	if !to.changes {
		w.Header().Add("WWW-Authenticate", `Basic realm="alluxio-mesos: any name, and the token as the password"`)
		message = "a request from another host needs the header \"Authorization: " +
			"Bearer <token>\"; " + where
	}
	w.Header().Add("WWW-Authenticate", "Bearer")
	if ok {
		message = "the token is not that of this framework; " + where +
			", and several instances share one only if that is set"
	}
	a.fail(w, http.StatusUnauthorized, message)
	return false
}

// isToken compares digests, so that neither the time it takes nor the length tells anything about the token.
func (a *API) isToken(given string) bool {
	want, got := sha256.Sum256([]byte(a.Token.Reveal())), sha256.Sum256([]byte(given))
	return a.Token.IsSet() && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// fromThisHost is true for a client on loopback.
func fromThisHost(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && config.IsLoopback(host)
}
