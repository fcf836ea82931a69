package alluxio

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Root is the known state of the root inode, without which a master answers and serves nothing.
type Root int

// The values of Root.
const (
	RootUnknown Root = iota
	RootThere
	RootMissing
)

// The questions for the root inode that a master's web port answers. 1.x gives its status and
// nothing else. 2.x has no such question left: to find a name that is not there it goes through the
// root first, and asks the under store for that one name; to show the root it would list it.
const (
	rootStatus = "/api/v1/master/file/status?path=/"
	rootBrowse = "/api/v1/master/webui_browse?path=/.alluxio-mesos-asks-for-the-root"
)

// nullInode is how Java 14 and later explain the failure of a master that has no root. Before that
// such an exception has no message, and the answer names neither its class nor its place: another
// null on the way to the answer, which no Alluxio is known to have, would count as well.
var nullInode = regexp.MustCompile(`because ".*[iI]node.*" is null$`)

// JudgeRoot reads the answer to RootURL. why says what keeps it from being known, "" when it is
// known or this version has no question for it. Only the failure that was measured with a journal
// without a root is taken for one.
func (p Probe) JudgeRoot(a Answer) (root Root, why string) {
	switch {
	case p.RootURL == "":
		return RootUnknown, ""
	case a.Err != "":
		return RootUnknown, "asked for it, the master gives " + short(a.Err)
	case a.Status == 200 && isObject(a.Body):
		return p.judgeFound(a.Body)
	case a.Status == 500 && saysNull(a.Body):
		return RootMissing, ""
	}
	return RootUnknown, fmt.Sprintf("asked for it, %s answers with the HTTP status %d", p.RootURL, a.Status)
}

// judgeFound tells an answer from one of 2.x with alluxio.web.file.info.enabled=false, which is the
// same without a path.
func (p Probe) judgeFound(body []byte) (root Root, why string) {
	var answer struct {
		CurrentPath *string `json:"currentPath"`
	}
	if strings.HasSuffix(p.RootURL, rootBrowse) && (json.Unmarshal(body, &answer) != nil || answer.CurrentPath == nil) {
		return RootUnknown, "alluxio.web.file.info.enabled=false keeps the master from saying it"
	}
	return RootThere, ""
}

// saysNull is true for the answer of a master that found nothing where the root should be.
func saysNull(body []byte) bool {
	var answer struct {
		Message    *string `json:"message"`
		StatusCode string  `json:"statusCode"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.StatusCode != "INTERNAL" {
		return false
	}
	return answer.Message == nil || nullInode.MatchString(*answer.Message)
}

// unformatted is what a master of 1.4 and of 1.5 ends with when it misses the marker of a format.
// Later ones begin a new journal instead.
var unformatted = regexp.MustCompile(`Alluxio master was not formatted!|Journal \S+ has not been formatted!`)

// SaysUnformatted is true when the last lines of a master's logs say that its journal was never
// formatted. It does not prove that the journal is empty: the marker of one component may be
// missing beside the logs of all.
func SaysUnformatted(log []string) bool {
	for _, line := range log {
		if unformatted.MatchString(line) {
			return true
		}
	}
	return false
}
