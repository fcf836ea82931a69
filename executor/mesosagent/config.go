package mesosagent

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	mesostime "github.com/mesos/mesos-go/api/v1/lib/time"

	"github.com/alluxio/alluxio-mesos/config"
)

// Config is what the agent tells its executor through the environment. Mesos: executor-http-api.md,
// "Environment variables".
type Config struct {
	// Endpoint is host:port of the agent.
	Endpoint string
	TLS      TLS

	FrameworkID, ExecutorID string
	// Checkpoint is true when tasks survive a restart of the agent.
	Checkpoint bool
	// RecoveryTimeout is how long a disconnected executor waits for its agent; 15 min unless the agent says otherwise.
	RecoveryTimeout time.Duration
	// BackoffMax bounds the time between two subscription attempts; 2 s unless the agent says otherwise.
	BackoffMax time.Duration
	// ShutdownGrace is the time from SHUTDOWN until the agent kills the executor; 5 s unless the agent says otherwise.
	ShutdownGrace time.Duration
	// Token authenticates the executor, or is not set.
	Token config.Secret
	// Sandbox is the folder that Mesos shows and collects.
	Sandbox string
}

// The agent's own defaults (Mesos: configuration/agent.md), used when it says nothing.
const (
	defaultRecoveryTimeout = 15 * time.Minute
	defaultBackoffMax      = 2 * time.Second
	defaultShutdownGrace   = 5 * time.Second
)

// FromEnviron reads a Config from environment strings "NAME=value". Its error names every variable
// that is missing or malformed; an executor that is started by hand has none of them.
func FromEnviron(environ []string) (Config, error) {
	e := reader{values: map[string]string{}}
	for _, s := range environ {
		name, value, _ := strings.Cut(s, "=")
		e.values[name] = value
	}
	c := Config{
		Endpoint:        e.endpoint("MESOS_AGENT_ENDPOINT"),
		TLS:             e.tls(),
		FrameworkID:     e.required("MESOS_FRAMEWORK_ID"),
		ExecutorID:      e.required("MESOS_EXECUTOR_ID"),
		Sandbox:         e.required("MESOS_SANDBOX"),
		Checkpoint:      e.flag("MESOS_CHECKPOINT"),
		RecoveryTimeout: e.duration("MESOS_RECOVERY_TIMEOUT", defaultRecoveryTimeout),
		BackoffMax:      e.duration("MESOS_SUBSCRIPTION_BACKOFF_MAX", defaultBackoffMax),
		ShutdownGrace:   e.duration("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", defaultShutdownGrace),
		Token:           config.NewSecret(e.values["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"]),
	}
	if len(e.problems) > 0 {
		return Config{},
			fmt.Errorf("read the Mesos agent's environment (only a Mesos agent starts executors): %w",
				errors.Join(e.problems...))
	}
	return c, nil
}

type reader struct {
	values   map[string]string
	problems []error
}

func (r *reader) fail(name, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) required(name string) string {
	v := r.values[name]
	if v == "" {
		r.fail(name, "is not set")
	}
	return v
}

func (r *reader) endpoint(name string) string {
	v := r.required(name)
	if v == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(v)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" ||
		strings.ContainsAny(host, "/@?#") {
		r.fail(name, "is %q, not host:port", v)
	}
	return v
}

// flag reads a boolean as Mesos and Go write them; absent means false.
func (r *reader) flag(name string) bool {
	v := r.values[name]
	if v == "" {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.fail(name, "is %q, not 0 or 1", v)
	}
	return b
}

// duration reads a duration as Mesos writes them ("15mins", "250ms").
func (r *reader) duration(name string, unset time.Duration) time.Duration {
	v := r.values[name]
	if v == "" {
		return unset
	}
	d, err := mesostime.ParseDuration(v)
	if err != nil || d < 0 || d > 365*24*time.Hour {
		r.fail(name, "is %q, not a duration such as 5secs or 15mins", v)
		return unset
	}
	if d == 0 {
		return unset
	}
	return d
}
