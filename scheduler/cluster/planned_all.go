package cluster

import (
	"maps"
	"slices"
	"time"
)

// mayEnd is advanceEnd, except that no worker ends for another cause while its files are persisted for a
// teardown.
func (s *State) mayEnd(d *Decision, slot *Slot, cause EndCause, now time.Time) bool {
	return (!s.teardown.persisting || !s.endsByPlan(slot)) && s.advanceEnd(d, slot, cause, now)
}

// persistAll has the files of all workers persisted for cause, and says whether they are, as far as they
// were written a moment ago. With a master that is to get another address they cannot be persisted later.
// Workers that end for another cause end first, but for a teardown.
func (s *State) persistAll(d *Decision, cause EndCause, now time.Time) bool {
	all, ends := true, []*PlannedEnd{}
	for _, slot := range s.allWithBlocks() {
		if slot.Task.KillReason != "" || d.kills(slot.Task.ID) {
			continue
		}
		if end := d.endOf(slot); end != nil && end.Cause != cause && cause != EndForTeardown {
			all = false
			continue
		}
		all = s.advanceEnd(d, slot, cause, now) && all
		ends = append(ends, d.endOf(slot))
	}
	if !all {
		return false
	}
	from, late := freshFrom(ends, now)
	for _, slot := range s.allWithBlocks() {
		end := d.endOf(slot)
		if end == nil || !end.done() || !s.isStale(slot, end, from) { // nil for a worker that cannot end by plan
			continue
		}
		if late { // the next cycles know by this that all are looked at once more
			again := *end
			again.FirstDone, late, end = now, false, &again
			d.setEnd(slot, end)
		}
		if all = false; s.countEnds(d, now).open < mostRequests { // clients have written since then
			end = end.next(0, slot.Task, now)
			d.setEnd(slot, end)
			s.takeSteps(d, slot, end, s.leadingMaster(), now)
		}
	}
	return all
}

// allPersisted is what persistAll says in the cycle after it, of the state alone.
func (s *State) allPersisted(cause EndCause, now time.Time) bool {
	slots, ends := []*Slot{}, []*PlannedEnd{}
	for _, slot := range s.allWithBlocks() {
		if end := slot.Task.End; s.endsByPlan(slot) {
			if end == nil || end.Cause != cause || !end.done() {
				return false
			}
			slots, ends = append(slots, slot), append(ends, end)
		}
	}
	from, _ := freshFrom(ends, now)
	return !slices.ContainsFunc(slots, func(slot *Slot) bool { return s.isStale(slot, slot.Task.End, from) })
}

// isStale is true for an end that was done before from, or under another word for files of MUST_CACHE.
func (s *State) isStale(slot *Slot, end *PlannedEnd, from time.Time) bool {
	return end.DoneAt.Before(from) || end.Unpersisted != s.unpersisted(slot, end)
}

// freshFrom is from when on each of several ends has to be done for all to be. A worker whose files were
// looked at long before those of the last one is looked at once more; that comes to an end, however long
// a look takes. It is late when nobody went on while all were done. Nil ends are of workers without a
// plan.
func freshFrom(ends []*PlannedEnd, now time.Time) (from time.Time, late bool) {
	first, last := time.Time{}, time.Time{}
	for _, end := range ends {
		if end != nil {
			first, last = later(first, end.FirstDone), later(last, end.DoneAt)
		}
	}
	if now.Sub(last) > freshFor {
		return now.Add(-freshFor), true
	}
	return first.Add(-freshFor), false
}

// allWithBlocks lists the slots whose tasks serve blocks, in order.
func (s *State) allWithBlocks() (slots []*Slot) {
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byTask), s.inOrder) {
		if s.roleRow(slot.Role).Blocks {
			slots = append(slots, slot)
		}
	}
	return slots
}
