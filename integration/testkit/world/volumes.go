package world

// Volumes are the IDs of all persistent volumes on the agents of w.
func (w *World) Volumes() map[string]bool {
	w.T.Helper()
	agents, err := w.Master.AgentResources(w.T.Context())
	w.Check(err)
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
func (w *World) NothingReserved() {
	w.T.Helper()
	if left := w.Volumes(); len(left) > 0 {
		w.T.Errorf("volumes are left: %v", left)
	}
	agents, err := w.Master.AgentResources(w.T.Context())
	w.Check(err)
	for _, a := range agents {
		for role, list := range a.Reserved {
			for _, r := range list {
				if r.Reservations[len(r.Reservations)-1].Type != "STATIC" {
					w.T.Errorf("on %s is left for %s: %+v", a.Hostname, role, r)
				}
			}
		}
	}
}
