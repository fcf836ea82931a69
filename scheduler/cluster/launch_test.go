package cluster

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

func stateWith(t testing.TB, settings *config.Settings) *State {
	t.Helper()
	s, err := NewState(Options{Settings: settings, Version: "test", ExecutorURI: "http://x/alluxio-mesos", Started: epoch},
		nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scalar and Ports make resources; role is that of a reservation, or "".
// launches starts a master and a worker on one host and returns their tasks.
func launches(t *testing.T, settings *config.Settings) []mesos.TaskInfo {
	t.Helper()
	s := stateWith(t, settings)
	var tasks []mesos.TaskInfo
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	for range 2 {
		s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
		d := s.Decide(epoch)
		for _, a := range d.Actions {
			if l, ok := a.(Launch); ok {
				tasks = append(tasks, l.Tasks...)
			}
		}
		s.Commit(d, epoch)
		s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", []byte{1})},
			epoch)
	}
	if len(tasks) != 2 {
		t.Fatalf("%d tasks are launched", len(tasks))
	}
	return tasks
}

func TestALaunchTakesWhatItsRoleNeeds(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	settings.Master.CPUs, settings.Worker.CPUs = 0.25, 1.5
	for i, task := range launches(t, settings) {
		role := config.AlluxioRoles().InStartOrder()[i]
		n := resource.RequestsOf(settings)[role]
		got := claimOf(&task)
		if got.cpus != n.CPUs || got.mem != n.MemMB || len(got.ports) != len(n.Ports) {
			t.Errorf("%s takes %+v and needs %+v", role, got, n)
		}
		executor := offered.Sums(task.Executor.Resources)
		if executor["cpus/*"] != 0.1 || executor["mem/*"] != 32 {
			t.Errorf("its executor takes %v", executor)
		}
	}
}

func TestNothingOfTheSiteFileIsShownByMesos(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	settings := testSettings(1)
	settings.Site = []config.Property{{Key: "aws.secretKey-" + secret, Value: secret, Source: secret + ":1"}}
	settings.Files = []config.File{{Name: secret + ".xml", Data: []byte(secret)}}
	settings.Secret = config.NewSecret(secret)
	settings.Master.JavaOpts, settings.Worker.JavaOpts = []string{"-Dx=" + secret}, []string{"-Dx=" + secret}
	for _, task := range launches(t, settings) {
		if !bytes.Contains(task.Data, []byte(secret)) {
			t.Errorf("%s does not get its site file", task.TaskID.Value)
		}
		task.Data = nil
		shown, err := task.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(shown, []byte(secret)) {
			t.Errorf("%s shows it: %s", task.TaskID.Value, task.String())
		}
	}
}

func TestAnExecutorIsLaunchedAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	settings.ExecutorPath = "/opt/bin/alluxio-mesos"
	for _, task := range launches(t, settings) {
		command := task.Executor.Command
		if command.GetValue() != settings.ExecutorPath || command.GetShell() || len(command.URIs) != 0 {
			t.Errorf("with a path it is %s", command)
		}
		if grace := task.Executor.ShutdownGracePeriod.Nanoseconds; grace <= settings.KillGrace.Nanoseconds() {
			t.Errorf("the executor gets %d ns to end Alluxio, which takes up to %s", grace, settings.KillGrace)
		}
		if task.KillPolicy.GracePeriod.Nanoseconds != settings.KillGrace.Nanoseconds() {
			t.Errorf("the kill policy is %s", task.KillPolicy)
		}
	}
	settings = testSettings(1)
	for _, task := range launches(t, settings) {
		if uris := task.Executor.Command.URIs; len(uris) != 1 || uris[0].Value != "http://x/alluxio-mesos" ||
			!uris[0].GetExecutable() {
			t.Errorf("without a path it is fetched by %v", uris)
		}
	}
}

// incompressible is n bytes that no compression makes fewer, the same in every run.
func incompressible(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data) // never fails
	return data
}

func TestSettingsThatDoNotFitIntoATaskAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	settings.Files = []config.File{{Name: "core-site.xml", Data: incompressible(launch.MaxSize)}}
	_, err := NewState(Options{Settings: settings}, nil)
	if !errors.Is(err, launch.ErrTooLarge) || !strings.Contains(err.Error(), "shorten the site file") {
		t.Errorf("it says: %v", err)
	}
}

// The longest settings that are accepted, at hosts with the longest names: a task that is launched
// without its LaunchSpec could only fail, again and again.
func TestSettingsThatAreAcceptedFitIntoATaskOnAnyHost(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	variant{election: config.ByJournal}.elect(settings)
	data := incompressible(launch.MaxSize)
	sized := func(n int) *config.Settings {
		s := *settings
		s.Files = []config.File{{Name: "core-site.xml", Data: data[:n]}}
		return &s
	}
	s := stateWith(t, settings)
	rejection := sort.Search(launch.MaxSize, func(n int) bool { return s.CheckSettings(sized(n)) != nil })
	s.Apply(Reconfigured{Settings: sized(rejection - 1)}, epoch)
	s.Apply(Subscribed{Subscription: 1, FrameworkID: strings.Repeat("f", 41)}, epoch)
	var offers []offer.Offer
	for _, id := range []string{"1", "2", "3"} {
		offers = append(offers,
			offerOf(id, strings.Repeat("h", 254)+id, map[string]string{"ports": "19200-19200,19998-19999"}))
	}
	s.Apply(Offered{Subscription: 1, Offers: offers}, epoch)
	launched := 0
	for _, a := range s.Decide(epoch).Actions {
		if l, ok := a.(Launch); ok {
			launched++
			if _, err := launch.Decode(l.Tasks[0].Data); err != nil {
				t.Errorf("%s: %v", l, err)
			}
		}
	}
	if launched != 3 {
		t.Errorf("%d are launched", launched)
	}
	if rejection <= launch.MaxSize*3/4 {
		t.Errorf("the files beside the site file may have %d bytes only: they do not travel compressed", rejection-1)
	}
}

func TestFrameworkInfoDeclaresWhatLaterVersionsNeed(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	settings.Principal = "alluxio"
	info := FrameworkInfo(settings, "f1", "http://x")
	declared := func(info *mesos.FrameworkInfo) string {
		var list []string
		for _, c := range info.Capabilities {
			list = append(list, c.Type.String())
		}
		return strings.Join(list, " ")
	}
	const always = "MULTI_ROLE PARTITION_AWARE RESERVATION_REFINEMENT TASK_KILLING_STATE"
	if got := declared(info); got != always {
		t.Errorf("capabilities are %s", got)
	}
	settings.GPUAgents = true // Mesos hides agents with GPUs from all others
	if got := declared(FrameworkInfo(settings, "", "")); got != always+" GPU_RESOURCES" {
		t.Errorf("with gpu.agents capabilities are %s", got)
	}
	if !info.GetCheckpoint() || info.GetFailoverTimeout() != settings.FailoverTimeout.Seconds() || info.GetRole() != "*" &&
		info.Role != nil {
		t.Errorf("it is %s", info)
	}
	if info.GetID().Value != "f1" || info.GetPrincipal() != "alluxio" || info.GetWebUiURL() != "http://x" ||
		strings.Join(info.Roles, ",") != "*" {
		t.Errorf("it is %s", info)
	}
	if bare := FrameworkInfo(testSettings(1), "", ""); bare.ID != nil || bare.Principal != nil || bare.WebUiURL != nil {
		t.Errorf("without ID, principal and address it is %s", bare)
	}
}
