package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// TestTranscripts plays every testdata/*.txt. A transcript is a story of cycles: facts, a line of
// dashes, and what the core answers.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	files, count, rejected := 0, 0, map[RejectReason]bool{}
	t.Cleanup(func() {
		for i := range reasonTable {
			if reason := reasonTable[i].reason; count == files && !rejected[reason] {
				t.Errorf("no transcript rejects an offer for the reason %q", reason)
			}
		}
	})
	files = golden.Replay(t, "testdata/*.txt", func(t *testing.T, text string) string {
		tr := newTranscript(t)
		played := tr.play(text)
		mu.Lock()
		defer mu.Unlock()
		count++
		maps.Copy(rejected, tr.rejected)
		return played
	})
}

func newTranscript(t *testing.T) *transcript {
	return &transcript{t: t, now: epoch, store: saved{}, third: thirdRole, rejected: map[RejectReason]bool{}}
}

// transcript plays one story.
type transcript struct {
	t            *testing.T
	now          time.Time
	settings     *config.Settings
	state        *State
	store        saved
	copied       saved // of store
	subscription uint64
	uuids        byte
	offers       []offer.Offer
	said         string // of a fact that was refused
	asked        bool   // for the status
	slots        bool   // with every slot
	caches       verifier
	third        config.Role // the name of the third role, in the stories that have one
	rejected     map[RejectReason]bool
}

// play returns text with the answers that the core really gives.
func (tr *transcript) play(text string) string {
	var out strings.Builder
	answering := false
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		switch {
		case line == "----":
			answering = true
			out.WriteString("----\n" + tr.cycle())
		case line == "":
			answering = false
			out.WriteString("\n")
		case !answering:
			out.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				tr.fact(line)
			}
		}
	}
	return out.String()
}

// fact takes in one line: a verb, an optional name, and key=value fields; message= takes the rest of the line.
func (tr *transcript) fact(line string) {
	line, message, _ := strings.Cut(line, " message=")
	words := strings.Fields(line)
	fields := map[string]string{}
	var names []string
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok {
			fields[key] = value
		} else {
			names = append(names, w)
		}
	}
	if words[0] != "offer" {
		tr.flushOffers()
	}
	switch words[0] {
	case "plan":
		tr.plan(fields)
	case "status":
		tr.asked, tr.slots = true, len(names) > 0
	case "restart": // "restart unproven" goes through the proof that the Record is current; others come after it
		tr.start()
		tr.state.reconciliation.freshness.done = tr.state.reconciliation.freshness.done || !slices.Contains(names, "unproven")
	case "earlier": // the tasks were launched by the version before
		tr.state.rewriteFingerprints(tr.settings)
	case "copy": // a backup of the store, which "restored" begins with instead of the store
		tr.copied = maps.Clone(tr.store)
	case "restored":
		tr.store = maps.Clone(tr.copied)
		tr.start()
	case "permit": // alluxio-mesos recover --kill-unknown-tasks
		changes, _, err := KillUnknown(tr.store)
		if err != nil {
			tr.t.Fatal(err)
		}
		tr.store.save(changes)
	case "permit-format": // alluxio-mesos recover --format-journal
		changes, said, err := FormatJournal(tr.store, tr.now)
		if err != nil {
			said = err.Error()
		}
		tr.said = strings.TrimSuffix(said, "\n")
		tr.store.save(changes)
	case "forget":
		tr.store = saved{}
	case "settings":
		tr.change(fields)
	case "after":
		d, err := time.ParseDuration(names[0])
		if err != nil {
			tr.t.Fatal(err)
		}
		tr.now = tr.now.Add(d)
		tr.state.Apply(Woke{}, tr.now)
	case "offer":
		o := offerOf(names[0], fields["host"], fields)
		if text := fields["unavailable"]; text != "" {
			o.Unavailable = tr.later(text)
		}
		tr.reserve(&o, fields)
		tr.disks(&o, fields)
		tr.offers = append(tr.offers, o)
	case "replace":
		tr.replace(ReplaceRequested{Slot: names[0], DestroyVolume: slices.Contains(names, "--destroy-volume"),
			Unpersisted: config.Unpersisted(fields["unpersisted"])})
	case "backup":
		said, err := tr.state.CheckBackup()
		if tr.said = strings.TrimSuffix(said, "\n"); err != nil {
			tr.said = err.Error()
			break
		}
		tr.state.Apply(BackupRequested{}, tr.now)
	case "uninstall":
		e := UninstallRequested{DestroyVolumes: len(names) > 0}
		tr.said = strings.TrimSuffix(tr.state.CheckUninstall(e), "\n")
		tr.state.Apply(e, tr.now)
	case "cancel-teardown":
		if err := tr.state.CheckCancelTeardown(); err != nil {
			tr.said = err.Error()
		} else {
			tr.state.Apply(TeardownCancelled{}, tr.now)
		}
	case "update":
		tr.update(names[0], names[1], fields, message)
	default:
		tr.state.Apply(tr.event(words[0], names, fields, message), tr.now)
	}
}

func (tr *transcript) event(verb string, names []string, fields map[string]string, message string) Event {
	switch verb {
	case "subscribed":
		tr.subscription++
		id := fields["framework"]
		if id == "" {
			id = "f1"
		}
		return Subscribed{Subscription: tr.subscription, FrameworkID: id,
			Master: MesosMaster{Address: "m:5050", Version: "1.11.0"}}
	case "disconnected":
		return Disconnected{Subscription: tr.subscription, Reason: message}
	case "error":
		return Failed{Subscription: tr.subscription, Message: message}
	case "rescind":
		return Rescinded{Subscription: tr.subscription, OfferID: names[0]}
	case "arrived":
		return CallAccepted{Subscription: tr.subscription, Action: Reconcile{}}
	case "answered", "failed":
		slot := tr.state.slots.byTask[names[0]]
		if slot == nil {
			tr.t.Fatalf("no task %s", names[0])
		}
		l := Launch{OfferID: fields["offer"], Tasks: launchOf(names[0])}
		if verb == "failed" {
			return CallFailed{Subscription: tr.subscription, Action: l, Reason: message}
		}
		return CallAccepted{Subscription: tr.subscription, Action: l}
	case "inverse":
		return InverseOffered{Subscription: tr.subscription,
			Offers: []offer.Inverse{{ID: names[0], AgentID: fields["agent"], Start: tr.later(fields["start"])}}}
	case "inverse-rescind":
		return InverseRescinded{Subscription: tr.subscription, OfferID: names[0]}
	case "inverse-failed":
		return CallFailed{Subscription: tr.subscription, Action: AcceptInverse{OfferID: names[0], AgentID: fields["agent"]},
			Reason: message}
	case "answer", "late-answer":
		if (verb == "answer") != tr.awaits(names[0]) {
			tr.t.Errorf("%s: request %s is awaited: %t", verb, names[0], verb != "answer")
		}
		return Administered{Subscription: tr.subscription, Answer: answerOf(names[0], names[1], fields, message)}
	case "agent-lost":
		return AgentLost{Subscription: tr.subscription, AgentID: names[0]}
	case "teardown":
		e := TeardownRequested{Unpersisted: config.Unpersisted(fields["unpersisted"])}
		if text := fields["within"]; text != "" {
			e.Until = tr.later(text)
		}
		return e
	case "teardown-accepted":
		return CallAccepted{Subscription: tr.subscription, Action: Teardown{}}
	case "teardown-failed":
		return CallFailed{Subscription: tr.subscription, Action: Teardown{}, Reason: message}
	case "removed":
		return Failed{Message: "Framework has been removed", Removed: true}
	}
	tr.t.Fatalf("unknown fact %q", verb)
	return nil
}

// reasons are the words for reason= of an update.
var reasons = map[string]mesos.TaskStatus_Reason{
	"draining": mesos.REASON_AGENT_DRAINING, "gc": mesos.REASON_GC_ERROR, "invalid-offers": mesos.REASON_INVALID_OFFERS,
	"agent-disconnected": mesos.REASON_AGENT_DISCONNECTED, "agent-removed": mesos.REASON_AGENT_REMOVED,
}

// update applies a status; "reconciled" in the fields makes it an answer to reconciliation, without a UUID.
func (tr *transcript) update(taskID, state string, fields map[string]string, message string) {
	var uuid []byte
	if fields["by"] != "reconciliation" {
		tr.uuids++
		uuid = []byte{tr.uuids}
	}
	agent := "agent-x"
	if slot := tr.state.slots.byTask[taskID]; slot != nil {
		agent = slot.Task.AgentID
	}
	if text := fields["agent"]; text != "" {
		agent = text
	}
	status := statusOf(taskID, state, agent, message, uuid)
	if word := fields["reason"]; word != "" {
		reason, known := reasons[word]
		if !known {
			tr.t.Fatalf("unknown reason %q", word)
		}
		status.Reason = &reason
	}
	report := launch.Report{
		JournalFormatted: fields["journal"], JournalFolder: fields["unusable"], JournalUnusable: fields["unusable"],
		JournalNeverServed: fields["served"] == "never",
		ElectionState:      launch.ElectionState(fields["standing"]), Moved: fields["moved"],
	}
	silent, hasSilent := fields["silent"]
	report.NotAnswering, _ = time.ParseDuration(silent)
	if fields["admin"] != "" {
		report.Admin = []launch.AdminOperation{launch.AdminFind, launch.AdminPersist, launch.AdminDecommission}
	}
	if fields["admin"] == "backup" {
		report.Admin = []launch.AdminOperation{launch.AdminBackup}
	}
	told := describe(&report, fields) || report.Admin != nil
	if uuid != nil && (tr.state.elects() || fields["journal"] != "" || fields["unusable"] != "" || hasSilent || told) {
		status.Data = report.Encode()
	}
	tr.state.Apply(Updated{Subscription: tr.subscription, Status: status}, tr.now)
}

// describe puts into a report what an executor says for people, with ~ for a space, and returns
// whether there is any.
func describe(report *launch.Report, fields map[string]string) (any bool) {
	text := func(key string) string {
		any = any || fields[key] != ""
		return strings.ReplaceAll(fields[key], "~", " ")
	}
	report.AlluxioVersion, report.JavaVersion, report.Phase = text("alluxio"), text("java"), text("at")
	report.Storage = text("storage")
	if folder := text("folder"); folder != "" {
		report.JournalFolder = folder
	}
	if warning := text("warns"); warning != "" {
		report.Warnings = []string{warning}
	}
	return any
}

// replace asks for a replacement; what it says, or why it is refused, is a line of the answer.
func (tr *transcript) replace(e ReplaceRequested) {
	said, err := tr.state.CheckReplace(e)
	if err != nil {
		tr.said = err.Error()
		return
	}
	tr.said = strings.TrimSuffix(said, "\n")
	tr.state.Apply(e, tr.now)
}

// start is a new process on the same store.
func (tr *transcript) start() {
	state, err := NewState(Options{Settings: tr.settings, Version: "test", ExecutorURI: "http://x/alluxio-mesos",
		Started: tr.now}, tr.store)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.state, tr.subscription = state, 0
}

func (tr *transcript) flushOffers() {
	if len(tr.offers) > 0 {
		tr.state.Apply(Offered{Subscription: tr.subscription, Offers: tr.offers}, tr.now)
		tr.offers = nil
	}
}

// cycle decides, commits and saves, and says what came of it.
func (tr *transcript) cycle() string {
	tr.flushOffers()
	d, impure := decideTwice(tr.state, tr.now)
	if impure != "" {
		tr.t.Error(impure)
	}
	tr.state.Commit(d, tr.now)
	if stale := tr.caches.verify(tr.state, tr.now); stale != "" {
		tr.t.Errorf("%s: %s", staleCaches, stale)
	}
	tr.store.save(tr.state.Changes())
	var out strings.Builder
	if tr.said != "" {
		fmt.Fprintf(&out, "%s\n", tr.said)
		tr.said = ""
	}
	for _, warning := range d.Warnings {
		fmt.Fprintf(&out, "warn: %s\n", warning)
	}
	for _, a := range d.Actions {
		fmt.Fprintln(&out, a)
		if l, ok := a.(Launch); ok {
			out.WriteString(reservedText(&l) + tr.formatText(&l))
		}
	}
	for i := range d.Rejections {
		r := &d.Rejections[i]
		tr.rejected[r.Reason] = true
		name := r.Slot
		if name == "" {
			name = string(r.Role)
		}
		reason, hint := tr.state.Explain(r)
		fmt.Fprintf(&out, "reject %s for %s: %s\n", r.OfferID, name, reason)
		if hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", hint)
		}
	}
	if tr.asked {
		tr.asked = false
		out.WriteString(tr.status())
	}
	if d.TeardownDropped {
		out.WriteString("the teardown is dropped\n")
	}
	if d.Stop != nil {
		fmt.Fprintf(&out, "stop: %s\n", d.Stop.Reason)
	}
	if again := tr.state.Decide(tr.now); len(again.Actions) > 0 || d.Stop == nil && !d.WakeAt.IsZero() &&
		!d.WakeAt.After(tr.now) {
		fmt.Fprintf(&out, "NOT QUIESCENT: %v, woken at %s\n", again.Actions, d.WakeAt)
	}
	return out.String()
}

// formatText says which of the tasks may format their journal.
func (tr *transcript) formatText(l *Launch) string {
	text := ""
	for i := range l.Tasks {
		spec, err := launch.DecodeWith(tr.settings.Roles, l.Tasks[i].Data)
		if err != nil {
			tr.t.Fatal(err)
		}
		if spec.Journal.Format {
			text += fmt.Sprintf("  %s formats the journal %s, whatever is in it\n", spec.Slot, spec.Journal.Identity)
		}
	}
	return text
}
