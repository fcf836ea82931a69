package config

import (
	"fmt"
	"slices"
	"strings"
)

// How a JVM's share is divided after our executor has taken its part.
const (
	// JVMOverheadPercent is for metaspace, threads and code cache: of what is left of the JVM's
	// share.
	JVMOverheadPercent = 20
)

// DivideShare splits the JVM's share of a task's memory, in bytes: our executor first, then what a
// JVM needs beside its heap, then direct memory, 0 for the JVM's default. The heap gets the rest.
func (row *RoleRow) DivideShare(share Bytes) (heap, direct Bytes) {
	rest := (share - ExecutorMem) * (100 - JVMOverheadPercent) / 100
	direct = rest * Bytes(row.DirectPercent) / 100 / MB * MB
	return (rest - direct) / MB * MB, direct
}

// HeapOptions are the JVM options that set the largest heap. Of several the JVM takes the last.
var HeapOptions = []string{"-Xmx", "-mx", "-XX:MaxHeapSize="}

// firstHeapOptions set the heap that a JVM begins with.
var firstHeapOptions = []string{"-Xms", "-ms", "-XX:InitialHeapSize="}

// collectors are the options that choose a garbage collector. A JVM refuses two of them; ParNew and
// ParallelOld are parts of another.
var collectors = []string{"UseSerialGC", "UseParallelGC", "UseConcMarkSweepGC", "UseG1GC", "UseZGC", "UseShenandoahGC",
	"UseEpsilonGC"}

// takesArgument are the options of java whose value may be the next word. Source: the manual page
// of java 17.
var takesArgument = []string{"--add-modules", "--add-exports", "--add-opens", "--add-reads", "--limit-modules",
	"--patch-module", "--module-path", "-p", "--upgrade-module-path"}

// classPaths are the options of java for a class path.
var classPaths = []string{"-cp", "-classpath", "--class-path"}

// checkWords refuses the first word that is no JVM option: java would take it for the class to run.
// A class path is refused, too: it would be used in place of Alluxio's own.
func checkWords(options []string) error {
	for i, o := range options {
		if name, _, _ := strings.Cut(o, "="); slices.Contains(classPaths, name) {
			return fmt.Errorf("a class path cannot be given (%s): it would replace that of Alluxio; a jar on the agents "+
				"can be added with -Xbootclasspath/a:/path.jar", o)
		}
		if strings.HasPrefix(o, "-") || strings.HasPrefix(o, "@/") ||
			i > 0 && slices.Contains(takesArgument, options[i-1]) {
			continue
		}
		return fmt.Errorf("%q is no JVM option: one begins with '-', such as -XX:+UseG1GC, or is a file of options on "+
			"the agents, @/path; quotes keep the spaces of one option together", o)
	}
	return nil
}

// checkOptions refuses options of a role that a JVM would refuse, or that hide how large the heap
// is.
func (l *loader) checkOptions(row *RoleRow, r *RoleSettings) {
	key := row.Keys.JavaOpts
	for _, o := range r.JavaOpts {
		for _, relative := range []string{"-XX:MaxRAMPercentage=", "-XX:MaxRAMFraction="} {
			if strings.HasPrefix(o, relative) {
				l.problem(key, "%s is of the whole host's memory or the container's, not of the task's share; write "+
					"-Xmx with a size, or leave the heap to %s", o, row.Keys.Mem)
			}
		}
	}
	if chosen := chosenCollectors(r.JavaOpts); len(chosen) > 1 {
		l.problem(key, "a JVM has one garbage collector, and these are %s; remove all but one",
			strings.Join(chosen, " and "))
	}
	if slices.ContainsFunc(r.JavaOpts, isOptionsFile) {
		return // it may set the heap, and is on the agents
	}
	heap, _ := row.DivideShare(r.Mem)
	most := fmt.Sprintf("the heap of %s, which follows from %s=%s", heap, row.Keys.Mem, r.Mem)
	if o, size := lastSize(r.JavaOpts, HeapOptions); size > 0 {
		heap, most = size, o
	}
	if o, first := lastSize(r.JavaOpts, firstHeapOptions); first > heap && r.Mem > 0 {
		l.problem(key, "%s is more than %s: the JVM would not start; lower it, or raise the other", o, most)
	}
}

// isOptionsFile is true for an option that names a file with more options.
func isOptionsFile(option string) bool {
	return strings.HasPrefix(option, "@/") || strings.HasPrefix(option, "-XX:Flags=") ||
		strings.HasPrefix(option, "-XX:VMOptionsFile=")
}

// chosenCollectors are the collectors that options turn on and do not turn off again, as they are
// written.
func chosenCollectors(options []string) (chosen []string) {
	for _, c := range collectors {
		on := ""
		for _, o := range options {
			switch o {
			case "-XX:+" + c:
				on = o
			case "-XX:-" + c:
				on = ""
			}
		}
		if on != "" {
			chosen = append(chosen, on)
		}
	}
	return chosen
}

// lastSize is the last of options that begins with one of flags, and the size that it gives; 0 for
// none, or for what is not a size.
func lastSize(options, flags []string) (option string, size Bytes) {
	for _, o := range options {
		for _, flag := range flags {
			if value, found := strings.CutPrefix(o, flag); found {
				option = o
				size, _ = ParseBytes(value)
			}
		}
	}
	return option, size
}
