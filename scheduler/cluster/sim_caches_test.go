package cluster

// staleCaches begins what the simulator says of a cache that is not what it is computed from.
const staleCaches = "a cache is stale"

// checkCaches computes everything again that the State keeps of what it is computed from. A fault
// that is planted for another invariant may break a cache on purpose.
func (h *history) checkCaches(p *process) {
	if h.plant.quiet != nil || h.plant.active != nil {
		return
	}
	if h.caches.spoil != nil && h.caches.spoil(p.state) {
		h.caches.count = -1 // the next look makes the rare checks, too
	}
	h.caches.store = h.store
	if stale := h.caches.verify(p.state, p.now); stale != "" {
		h.fail("every cache is fresh", "%s: %s", staleCaches, stale)
	}
}

// playStale plays the world of a seed in which a stale entry is planted into a cache as soon as
// there can be one.
func playStale(c *cache) func(seed uint64) error {
	return func(seed uint64) error {
		w := newWorld(seed)
		w.known.caches.spoil = c.plant
		return w.play()
	}
}
