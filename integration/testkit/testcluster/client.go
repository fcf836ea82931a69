package testcluster

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/alluxioclient"
)

// Client is a user of Alluxio in a JVM of its own.
type Client struct {
	*alluxioclient.Client
	f *Framework
}

// StartClient starts a user of f who does what o says. Their folder is o.Dir below that of the
// cluster, and the masters are those of f. The client ends with the test.
func (f *Framework) StartClient(o alluxioclient.Options) *Client {
	tc := f.Cluster
	tc.T.Helper()
	properties := maps.Clone(f.client())
	maps.Copy(properties, o.Properties)
	o.Dir, o.Properties = tc.Folder(o.Dir), properties
	client, err := alluxioclient.Start(tc.T.Context(), o)
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(client.Close()) })
	return &Client{Client: client, f: f}
}

// In is c as a part of the test sees it, see [Cluster.In].
func (c *Client) In(t *testing.T) *Client { return &Client{Client: c.Client, f: c.f.In(t)} }

// AwaitReads waits until a file of each lane has been read after the longest of all delays: from
// then on the client does all that it does.
func (c *Client) AwaitReads() {
	tc := c.f.Cluster
	tc.T.Helper()
	tc.Await("reads on every lane", func(context.Context) (bool, error) {
		read := map[string]bool{}
		for _, o := range c.Done() {
			if o.Error == "" && o.Kind == c.LastRead() {
				read[o.Lane] = true
			}
		}
		return len(read) == len(c.Lanes()), nil
	})
}

// AwaitReadsSince waits until a file that was written after a moment has been read after the longest of all delays.
func (c *Client) AwaitReadsSince(moment time.Time) {
	tc := c.f.Cluster
	tc.T.Helper()
	written := map[string]bool{}
	tc.Await("the last read of a file that was written later", func(context.Context) (bool, error) {
		for _, o := range c.Done() {
			switch {
			case o.Kind == alluxioclient.Write && o.Error == "" && o.Begun >= moment.UnixMilli():
				written[o.File] = true
			case o.Kind == c.LastRead() && o.Error == "" && written[o.File]:
				return true, nil
			}
		}
		return false, nil
	})
}

// Done are the operations that have ended so far.
func (c *Client) Done() []alluxioclient.Operation {
	c.f.Cluster.T.Helper()
	all, err := c.Operations()
	c.f.Cluster.Check(err)
	return all
}

// End ends the writing, waits for the last read, and returns the files that a fresh client cannot
// read, with why.
func (c *Client) End() (lost map[string]string) {
	tc := c.f.Cluster
	tc.T.Helper()
	// Alluxio's client tries again for minutes.
	ctx, cancel := context.WithTimeout(tc.T.Context(), 2*Patience)
	defer cancel()
	tc.Check(c.Stop(ctx))
	failed, err := c.Lost(ctx)
	tc.Check(err)
	lost = map[string]string{}
	for _, o := range failed {
		lost[o.File] = o.Error
	}
	return lost
}
