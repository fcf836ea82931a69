package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"gopkg.in/natefinch/lumberjack.v2"
)

// logName is the framework's log in the logs folder.
const logName = "framework.out"

// The log is rotated at logMegabytes, and logKept older files stay: at most 300 MB.
const (
	logMegabytes = 50
	logKept      = 5
)

// logMode lets others read the log: no secret is ever in it.
const logMode = 0o644

// openLog opens the log for appending and makes it, and its folder, when it is missing.
func openLog(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make the logs folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, logName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, logMode)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return f, nil
}

// newLog returns the logger that writes framework.out, and what closes it. shared is true when
// stderr is that file already, as the start script has it.
func newLog(folder string, debug bool, stderr io.Writer) (log zerolog.Logger, closer io.Closer, shared bool,
	err error) {
	f, err := openLog(folder)
	if err != nil {
		return log, nil, false, err
	}
	defer f.Close() // only to see that it can be opened: lumberjack opens it at the first line
	if file, ok := stderr.(*os.File); ok {
		a, errA := file.Stat()
		b, errB := f.Stat()
		shared = errA == nil && errB == nil && os.SameFile(a, b)
	}
	rotated := &lumberjack.Logger{Filename: f.Name(), MaxSize: logMegabytes, MaxBackups: logKept, LocalTime: true}
	level := zerolog.InfoLevel
	if debug {
		level = zerolog.DebugLevel
	}
	return zerolog.New(readable(rotated)).Level(level).With().Timestamp().Logger(), rotated, shared, nil
}

// tailBytes and tailLines bound what reasons reads and returns.
const (
	tailBytes = 64 << 10
	tailLines = 12
)

// reasons returns the lines of the log behind offset from that say why the framework has ended.
// Without any that tell it is the last lines, and "" when there is nothing to read.
func reasons(folder string, from int64) string {
	if why := errorsIn(folder, from); why != "" {
		return why
	}
	lines := tail(folder, from)
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// errorsIn returns the errors among the lines of the log behind offset from, and text that is no log
// line at all, such as a crash of the Go runtime.
func errorsIn(folder string, from int64) string {
	var telling []string
	for _, line := range tail(folder, from) {
		if tells(line) {
			telling = append(telling, line)
		}
	}
	return strings.Join(telling[:min(tailLines, len(telling))], "\n")
}

// tail reads the last lines of the log, none from before offset from.
func tail(folder string, from int64) []string {
	f, err := os.Open(filepath.Join(folder, logName))
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	if info.Size() < from { // it was rotated since
		from = 0
	}
	from = max(from, info.Size()-tailBytes)
	data, err := io.ReadAll(io.NewSectionReader(f, from, tailBytes))
	if err != nil || len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// tells is true for a line that is an error, or not from the logger.
func tells(line string) bool {
	at, rest, _ := strings.Cut(line, " ")
	if _, err := time.Parse(time.RFC3339, at); err != nil {
		return strings.TrimSpace(line) != ""
	}
	level, _, _ := strings.Cut(rest, " ")
	return level == "ERR" || level == "FTL" || level == "PNC"
}
