package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/web"
)

// unpersistedFlags are an operator's word for files that are in workers only, for one change.
type unpersistedFlags struct{ persist, lose bool }

// The names of the flags.
const (
	persistFlag = "persist-unpersisted"
	loseFlag    = "lose-unpersisted"
)

// unpersistedPair is for exclude.
var unpersistedPair = [2]string{persistFlag, loseFlag}

func (f *unpersistedFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.persist, persistFlag, false, "persist files of MUST_CACHE, too, before a worker ends")
	cmd.Flags().BoolVar(&f.lose, loseFlag, false, "end workers at once, with files that are nowhere else")
}

// set adds the parameter of a request, unless no flag is given: frameworks of earlier versions refuse a
// parameter that they do not know.
func (f *unpersistedFlags) set(q url.Values) {
	switch {
	case f.persist:
		q.Set(web.UnpersistedParameter, string(config.PersistUnpersisted))
	case f.lose:
		q.Set(web.UnpersistedParameter, string(config.LoseUnpersisted))
	}
}
