package cluster

import (
	"container/heap"
	"time"
)

// surplusTasks are tasks that fill no slot and are not known to be over.
type surplusTasks struct {
	byID  map[string]*surplusTask
	index surplusIndex
	// keys has their IDs by the keys of their rows.
	keys map[string]string
}

func newSurplusTasks() surplusTasks {
	return surplusTasks{byID: map[string]*surplusTask{}, index: newSurplusIndex(), keys: map[string]string{}}
}

// set adds a task; another one of its ID is replaced.
func (l *surplusTasks) set(task *surplusTask) {
	if before := l.byID[task.ID]; before != nil {
		l.index.remove(before)
	}
	l.byID[task.ID] = task
	l.index.put(task)
}

// forget removes the task with this ID, and says whether there was one.
func (l *surplusTasks) forget(id string) bool {
	task := l.byID[id]
	if task == nil {
		return false
	}
	delete(l.byID, id)
	l.index.remove(task)
	return true
}

// setKey records whose row has this key; forgetKey is for a row that is gone.
func (l *surplusTasks) setKey(key, id string) { l.keys[key] = id }
func (l *surplusTasks) forgetKey(key string)  { delete(l.keys, key) }

// surplusIndex finds the surplus tasks that matter in a cycle without a look at the others: most are
// on unreachable agents, and each is reconciled every few hours only.
type surplusIndex struct {
	// active are those that every cycle looks at, by ID: they live, Mesos has not answered about them,
	// or a slot waits for their end.
	active map[string]*surplusTask
	// quiet are all others, a heap by the time of their next reconciliation.
	quiet quietHeap
	// byAgent has all of them, by the IDs of agent and task.
	byAgent map[string]map[string]*surplusTask
}

func newSurplusIndex() surplusIndex {
	return surplusIndex{active: map[string]*surplusTask{}, byAgent: map[string]map[string]*surplusTask{}}
}

// quiet is true for a task that needs no action before its next reconciliation.
func (task *surplusTask) quiet() bool { return !task.lives && task.answered && task.Slot == "" }

// put brings the index up to date after any change of task.
func (x *surplusIndex) put(task *surplusTask) {
	tasks := x.byAgent[task.AgentID]
	if tasks == nil {
		tasks = map[string]*surplusTask{}
		x.byAgent[task.AgentID] = tasks
	}
	tasks[task.ID] = task
	x.unlist(task)
	if !task.quiet() {
		x.active[task.ID] = task
		return
	}
	task.due = task.asks.at()
	heap.Push(&x.quiet, task)
}

// remove takes task out of the index.
func (x *surplusIndex) remove(task *surplusTask) {
	x.unlist(task)
	tasks := x.byAgent[task.AgentID]
	if delete(tasks, task.ID); len(tasks) == 0 {
		delete(x.byAgent, task.AgentID)
	}
}

func (x *surplusIndex) unlist(task *surplusTask) {
	delete(x.active, task.ID)
	if task.place > 0 {
		heap.Remove(&x.quiet, task.place-1)
	}
}

// due calls ask with each quiet task whose reconciliation is due, and returns when the next one is;
// zero for none. With n due tasks it looks at no more than 2n+1.
func (x *surplusIndex) due(now time.Time, ask func(*surplusTask)) (next time.Time) {
	var walk func(i int)
	walk = func(i int) {
		switch {
		case i >= len(x.quiet):
		case x.quiet[i].due.After(now):
			if next.IsZero() || x.quiet[i].due.Before(next) {
				next = x.quiet[i].due
			}
		default:
			ask(x.quiet[i])
			walk(2*i + 1)
			walk(2*i + 2)
		}
	}
	walk(0)
	return next
}

// quietHeap has the task with the earliest reconciliation first.
type quietHeap []*surplusTask

func (h quietHeap) Len() int           { return len(h) }
func (h quietHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h quietHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

// Push appends a task; for container/heap.
func (h *quietHeap) Push(task any) {
	t := task.(*surplusTask) //nolint:errcheck // only put calls it
	*h = append(*h, t)
	t.place = len(*h)
}

// Pop removes the last task; for container/heap.
func (h *quietHeap) Pop() any {
	last := len(*h) - 1
	task := (*h)[last]
	(*h)[last], task.place = nil, 0
	*h = (*h)[:last]
	return task
}
