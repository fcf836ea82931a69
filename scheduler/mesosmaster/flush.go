package mesosmaster

import (
	"context"
	"fmt"
)

// barrier is no call: the lane that comes to it has sent everything that was added before.
type barrier struct{ passed chan<- struct{} }

func (barrier) String() string { return "flush" }

// Flush waits until Mesos has answered every action that was given to Do before, or until the
// subscription is over, and what waited with it. Its only error is that ctx ended first.
func (c *Client) Flush(ctx context.Context) error {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	passed := make(chan struct{}, len(s.lanes))
	for i := range s.lanes {
		s.waiting.Add(1)
		s.lanes[i].add(barrier{passed})
	}
	for range s.lanes {
		select {
		case <-passed:
		case <-s.over:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%d calls are still on their way to Mesos: %w", s.waiting.Load(), ctx.Err())
		}
	}
	return nil
}
