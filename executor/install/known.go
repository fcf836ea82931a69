package install

import (
	"context"
	"fmt"
	"time"
)

// known returns the entry that serves for src without a download, or nil.
func (c *Cache) known(ctx context.Context, src source, want string) (*Entry, error) {
	rec, ok := c.recall(src)
	if want != "" {
		e, err := c.entry(want)
		if e == nil && err == nil && ok && rec.SHA256 != want {
			err = c.refusedBefore(ctx, src, rec, want)
		}
		return e, err
	}
	if !ok {
		return nil, nil
	}
	// The entry is looked at first: without it the answer of the server would not matter.
	e, err := c.entry(rec.SHA256)
	if e == nil || err != nil {
		return nil, err
	}
	same, err := c.fetch.compare(ctx, src, rec)
	if same == changed || err != nil {
		e.Release()
		return nil, err
	}
	return e, nil
}

// refuseAgainWithin is how long a tarball of the wrong digest is not fetched again when nothing
// shows whether it has changed.
const refuseAgainWithin = 10 * time.Minute

// refusedBefore is an error when src gave another tarball than want and gives it still: then there
// is no need to fetch it.
func (c *Cache) refusedBefore(ctx context.Context, src source, rec record, want string) error {
	same, err := c.fetch.compare(ctx, src, rec)
	switch {
	case err != nil || same == changed:
		return err
	case same == surelySame:
		return fmt.Errorf("%w; it is not fetched again, for it has not changed since", wrongDigest(rec.SHA256, want))
	case time.Since(rec.Refused) < refuseAgainWithin:
		return fmt.Errorf("%w; it was fetched at %s and is not fetched again for %s", wrongDigest(rec.SHA256, want),
			rec.Refused.UTC().Format("15:04:05 MST"), refuseAgainWithin)
	}
	return nil
}

func wrongDigest(have, want string) error {
	return fmt.Errorf("its sha256 is %s, but %s is expected: the tarball or the configured digest is wrong", have, want)
}
