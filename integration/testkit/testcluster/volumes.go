package testcluster

// Volumes are the IDs of all persistent volumes on the agents of tc.
func (tc *Cluster) Volumes() map[string]bool {
	tc.T.Helper()
	agents, err := tc.Master.AgentResources(tc.T.Context())
	tc.Check(err)
	ids := map[string]bool{}
	for _, a := range agents {
		for _, list := range a.Reserved {
			for _, r := range list {
				if id := r.VolumeID(); id != "" {
					ids[id] = true
				}
			}
		}
	}
	return ids
}

// NothingReserved checks that no agent has a volume or a reservation that a framework or an operator has made.
func (tc *Cluster) NothingReserved() {
	tc.T.Helper()
	if left := tc.Volumes(); len(left) > 0 {
		tc.T.Errorf("volumes are left: %v", left)
	}
	agents, err := tc.Master.AgentResources(tc.T.Context())
	tc.Check(err)
	for _, a := range agents {
		for role, list := range a.Reserved {
			for _, r := range list {
				if r.Reservations[len(r.Reservations)-1].Type != "STATIC" {
					tc.T.Errorf("on %s is left for %s: %+v", a.Hostname, role, r)
				}
			}
		}
	}
}
