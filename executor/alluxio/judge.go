package alluxio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// worker is how every version with JSON lists a worker (Alluxio: wire.WorkerInfo and
// wire.WorkerNetAddress, 1.1 to 2.9).
type worker struct {
	Address struct {
		Host    string `json:"host"`
		RPCPort int    `json:"rpcPort"`
	} `json:"address"`
	CapacityBytes int64 `json:"capacityBytes"`
}

// Judge says whether the process serves. why is one sentence about what is missing, "" when ready.
// leader holds the answers of LeaderURLs in any order. Nothing of a body is ever quoted: Alluxio's
// answers hold its configuration.
func (p Probe) Judge(own Answer, leader []Answer) (ready bool, why string) {
	if alive, why := p.Alive(own); !alive {
		// what a master in safe mode answers, and any process until it has begun
		if own.Err == "" && own.Status == 500 {
			why = "Alluxio is still starting: " + why
		}
		return false, why
	}
	process, err := processOf(p.Role)
	if err != nil {
		return false, err.Error()
	}
	return process.judge(p, own, leader)
}

func (p Probe) judgeMaster(own Answer, _ []Answer) (ready bool, why string) {
	if _, ok := p.workers(own); !ok {
		return false, "something else than an " + p.Leader + " answers at " + p.OwnURL + "; is the port taken?"
	}
	return true, ""
}

func (p Probe) judgeWorker(_ Answer, leader []Answer) (ready bool, why string) {
	if p.Listing == ListNone {
		return p.judgePages(leader)
	}
	return p.judgeListing(leader)
}

// Alive says whether the process still answers at its own web port. It is what to ask once a process was ready.
func (p Probe) Alive(own Answer) (alive bool, why string) {
	switch {
	case own.Err != "":
		return false, "the web port does not answer yet: " + short(own.Err)
	case own.Status != 200:
		why = fmt.Sprintf("%s answers with the HTTP status %d", p.OwnURL, own.Status)
		if own.Status == 500 && p.Hint != "" {
			why += "; " + p.Hint
		}
		return false, why
	case p.Listing == ListInfo && !isObject(own.Body):
		return false, "something else than Alluxio answers at " + p.OwnURL + "; is the port taken?"
	}
	return true, ""
}

func (p Probe) judgePages(leader []Answer) (bool, string) {
	for _, answer := range leader {
		if answer.Err == "" && answer.Status == 200 {
			return true, ""
		}
	}
	return false, p.noLeader(leader)
}

// judgeListing goes through every leader's list: while leadership changes, two may answer.
func (p Probe) judgeListing(leader []Answer) (bool, string) {
	why := p.noLeader(leader)
	for _, answer := range leader {
		list, ok := p.workers(answer)
		if !ok {
			continue
		}
		why = fmt.Sprintf("the Alluxio master does not list %s with RPC port %d yet (it lists %d workers)", p.Host, p.RPC,
			len(list))
		for _, w := range list {
			if !strings.EqualFold(w.Address.Host, p.Host) || w.Address.RPCPort != int(p.RPC) {
				continue
			}
			if w.CapacityBytes > 0 {
				return true, ""
			}
			why = "the Alluxio master lists the worker without capacity"
		}
	}
	return false, why
}

// workers reads the list of workers from what a leading master answers.
func (p Probe) workers(answer Answer) (list []worker, ok bool) {
	if answer.Err != "" || answer.Status != 200 {
		return nil, false
	}
	switch p.Listing {
	case ListNone:
		return nil, true
	case ListBare:
		return list, json.Unmarshal(answer.Body, &list) == nil && list != nil
	}
	var info struct {
		Workers []worker `json:"workers"`
	}
	err := json.Unmarshal(answer.Body, &info)
	return info.Workers, err == nil && info.Workers != nil
}

func (p Probe) noLeader(leader []Answer) string {
	why := "no " + p.Leader + " leads at " + strings.Join(p.LeaderURLs, ", ")
	for _, answer := range leader {
		switch {
		case answer.Err != "":
			return why + ": " + short(answer.Err)
		case answer.Status != 200:
			return fmt.Sprintf("%s: HTTP status %d", why, answer.Status)
		}
	}
	return why
}

func isObject(body []byte) bool {
	return json.Valid(body) && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

// short keeps a transport's error readable in a task's status.
func short(text string) string {
	const most = 200
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
