package alluxio

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Elected is what was read of the election in ZooKeeper.
type Elected struct {
	// IDs are the masters that are in it, those apart that were there before this JVM was started.
	IDs []string
	// Err says why nothing could be read, or "".
	Err string
}

// standbyInfo is how 2.9 lists a standby (Alluxio: wire.MasterInfo).
type standbyInfo struct {
	Address struct {
		Host    string `json:"host"`
		RPCPort int    `json:"rpcPort"`
	} `json:"address"`
}

// JudgeStandby says whether a master of several, which does not lead, is ready to take over. why is
// one sentence about what is missing. leader holds the answers of LeaderURLs, elected what the
// election has.
func (p Probe) JudgeStandby(own Answer, leader []Answer, elected Elected) (ready bool, why string) {
	if alive, why := p.StandsBy(own, elected); !alive {
		return false, why
	}
	switch p.Standby {
	case StandbyElected:
		return elected.Err == "", elected.Err
	case StandbyCloses:
		for _, answer := range leader {
			if _, ok := p.workers(answer); ok {
				return true, ""
			}
		}
		return false, p.noLeader(leader)
	}
	why = p.noLeader(leader)
	for _, answer := range leader {
		list, ok := standbys(answer)
		if !ok {
			continue
		}
		why = fmt.Sprintf("the leading Alluxio master does not list %s as a standby yet (it lists %d)", p.memberID(),
			len(list))
		for _, s := range list {
			if strings.EqualFold(s.Address.Host, p.Host) && s.Address.RPCPort == int(p.RPC) {
				return true, ""
			}
		}
	}
	return false, why
}

// StandsBy says whether the JVM of a standby still does its part. It is what to ask once it was
// ready. When ZooKeeper cannot be asked, nothing is known against it.
func (p Probe) StandsBy(own Answer, elected Elected) (alive bool, why string) {
	if p.Standby != StandbyElected {
		if own.Closed {
			return true, ""
		}
		return p.Alive(own)
	}
	if elected.Err != "" || slices.ContainsFunc(elected.IDs, func(id string) bool {
		return strings.EqualFold(id, p.memberID())
	}) {
		return true, ""
	}
	return false,
		fmt.Sprintf("%s is not in the election at %s of ZooKeeper %s", p.memberID(), p.Election.Path, p.Election.Servers)
}

// ElectionStateOf reads from the own web port what a master of several is.
func (p Probe) ElectionStateOf(own Answer) launch.ElectionState {
	if _, leads := p.workers(own); leads {
		return launch.Leading
	}
	return launch.Standby
}

func (p Probe) memberID() string {
	return cmp.Or(p.Election.ID, hostPort(p.Host, p.RPC))
}

// standbys reads the list of standbys from what a leading master answers.
func standbys(answer Answer) (list []standbyInfo, ok bool) {
	if answer.Err != "" || answer.Status != 200 {
		return nil, false
	}
	var info struct {
		Primary *standbyInfo  `json:"primaryMasterInfo"`
		List    []standbyInfo `json:"standbyMasterInfos"`
	}
	err := json.Unmarshal(answer.Body, &info)
	return info.List, err == nil && info.Primary != nil
}
