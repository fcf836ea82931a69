package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

const (
	// pageWithin bounds a page of a worker's list of files: it asks the master about each of them.
	pageWithin = 2 * time.Minute
	// pageLimit bounds a page, in bytes: it has each block of each file.
	pageLimit = 256 << 20
	// mostToPersist and mostNames bound the files that one pass persists, in number and in the bytes
	// of their names.
	mostToPersist = 20_000
	mostNames     = 4 << 20
)

// findFiles lists the files of which the worker has blocks, and persists those that are to be.
func (a *administration) findFiles(ctx context.Context) error {
	leader := a.leader(ctx)
	if !leader.Known {
		return fmt.Errorf("the files on the worker on %s are not known: %s", a.request.Worker.Host, leader.Why)
	}
	todo, err := a.count(ctx, leader)
	if err != nil {
		return err
	}
	if a.request.Operation == launch.AdminFind || len(todo) == 0 {
		return nil
	}
	var now []alluxio.BlockFile // of what the job service does not know
	waiting := map[string]alluxio.BlockFile{}
	for _, f := range todo {
		if f.State == alluxio.StateToPersist {
			waiting[f.Path] = f
		} else {
			now = append(now, f)
		}
	}
	if err := a.persistAll(ctx, now); err != nil {
		return err
	}
	return a.awaitJobService(ctx, waiting)
}

// abandonedAfter is how long after its blocks were committed a file that is not completed was given up.
const abandonedAfter = 10 * time.Second

// count fills in files, and returns those that are to be persisted. If some are open it does so twice.
func (a *administration) count(ctx context.Context, leader alluxio.Leader) (todo []alluxio.BlockFile, err error) {
	counting := alluxio.Counting{Listed: leader.Listed, PersistAll: a.request.PersistAll}
	for {
		a.files, todo = launch.FilesResult{Live: leader.Listed}, nil
		names, open := 0, map[int64]bool{}
		err := a.list(ctx, leader, func(f alluxio.BlockFile) {
			if f.Open {
				open[f.ID] = true
			}
			if counting.Count(&a.files, &f) && len(todo) < mostToPersist && names+len(f.Path) < mostNames {
				names += len(f.Path)
				todo = append(todo, f)
			}
		})
		if err != nil {
			return nil, err
		}
		if len(open) == 0 || counting.Open != nil || time.Until(a.deadline) < abandonedAfter+answerBefore {
			a.files.Complete = true
			return todo, nil
		}
		counting.Open = open
		a.say("%d files are open, waits %v for their clients", len(open), abandonedAfter)
		pause(ctx, abandonedAfter)
	}
}

// list lists all files of which the worker has blocks, while this leader leads.
func (a *administration) list(ctx context.Context, leader alluxio.Leader, each func(alluxio.BlockFile)) error {
	var list alluxio.BlockList
	for {
		offset, limit, more := list.Next()
		if !more {
			break
		}
		page, err := a.page(ctx, alluxio.BlocksURL(a.request.Worker, offset, limit))
		if ctx.Err() != nil {
			return fmt.Errorf("the files on the worker on %s were not all listed: %w", a.request.Worker.Host, ctx.Err())
		}
		again := false
		var files []alluxio.BlockFile
		if err != nil {
			again = list.Fail(err.Error())
		} else {
			files, again = list.Take(page)
		}
		for _, f := range files {
			each(f)
		}
		if again {
			pause(ctx, adminTick)
		}
		a.say("listed %d of %d files", list.Seen(), list.Total)
	}
	if list.Err != "" {
		return errors.New(list.Err)
	}
	if list.Missing == 0 {
		return nil
	}
	// A file of which the master told nothing was deleted, unless the master was not there.
	if after := a.leader(ctx); after.Known != leader.Known || after.Started != leader.Started ||
		after.Listed != leader.Listed {
		return fmt.Errorf("the state of %d files on the worker on %s is not known: another Alluxio master leads",
			list.Missing, a.request.Worker.Host)
	}
	return nil
}

// page asks for a page of the worker's list.
func (a *administration) page(ctx context.Context, url string) (alluxio.BlockPage, error) {
	ctx, cancel := context.WithTimeout(ctx, pageWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return alluxio.BlockPage{}, err
	}
	resp, err := a.client.client.Do(req)
	if err != nil {
		return alluxio.BlockPage{}, errors.New(whyNoAnswer(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return alluxio.BlockPage{}, fmt.Errorf("it answers with the HTTP status %d", resp.StatusCode)
	}
	return alluxio.ReadBlockPage(io.LimitReader(resp.Body, pageLimit))
}

// persistAll persists files in batches. What cannot be persisted is counted; an error ends the pass.
func (a *administration) persistAll(ctx context.Context, todo []alluxio.BlockFile) error {
	var batch []alluxio.BlockFile
	for _, f := range todo {
		if alluxio.Nameable(f.Path) {
			batch = append(batch, f)
		} else {
			a.files.Failed.Add(f.Path, f.Bytes)
		}
	}
	for len(batch) > 0 {
		n := alluxio.Batch(paths(batch))
		if err := a.persist(ctx, batch[:n]); err != nil {
			return err
		}
		batch = batch[n:]
		a.say("persisted %d of %d files", a.files.Persisted.Files, a.files.Found.Files)
	}
	return nil
}

func paths(files []alluxio.BlockFile) (paths []string) {
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	return paths
}

// The bounds of the wait for one file, of which a pass may wait for several in turn.
const (
	leastForAFile = 10 * time.Second
	mostForAFile  = 20 * time.Minute
)

// persist persists a batch. The command does nothing for any of its files if one is not there: it is
// run again without it, and if it does not say which, for either half.
func (a *administration) persist(ctx context.Context, batch []alluxio.BlockFile) error {
	if len(batch) == 0 {
		return nil
	}
	each := min(max(time.Until(a.deadline)/3, leastForAFile), mostForAFile)
	names := paths(batch)
	exit, output, err := a.command(ctx, a.admin.Load().PersistCommand(names, each), nil)
	if err != nil {
		return err
	}
	outcome := alluxio.JudgePersist(names, exit.Code, output)
	if exit.Signal != "" {
		outcome.Began = false
	}
	if outcome.Began {
		a.countPersisted(batch, outcome.Failed)
		return nil
	}
	if len(outcome.Gone) > 0 {
		return a.persist(ctx, without(batch, outcome.Gone))
	}
	if leader := a.leader(ctx); !leader.Known {
		return fmt.Errorf("files of the worker on %s were not persisted: %s", a.request.Worker.Host, leader.Why)
	}
	if len(batch) == 1 {
		a.log.Warn().Str("file", batch[0].Path).Stringer("exit", exit).Str("output", a.lastLines()).
			Msg("cannot persist a file")
		a.files.Failed.Add(batch[0].Path, batch[0].Bytes)
		return nil
	}
	half := len(batch) / 2
	if err := a.persist(ctx, batch[:half]); err != nil {
		return err
	}
	return a.persist(ctx, batch[half:])
}

// countPersisted counts a batch of which these files failed.
func (a *administration) countPersisted(batch []alluxio.BlockFile, failed []string) {
	for _, f := range batch {
		if slices.Contains(failed, f.Path) {
			a.files.Failed.Add(f.Path, f.Bytes)
		} else {
			a.files.Persisted.Add(f.Path, f.Bytes)
		}
	}
}

// without are the files of a batch that are not among names.
func without(batch []alluxio.BlockFile, names []string) (rest []alluxio.BlockFile) {
	for _, f := range batch {
		if !slices.Contains(names, f.Path) {
			rest = append(rest, f)
		}
	}
	return rest
}
