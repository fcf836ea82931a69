package mesosagent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// errRefused is in errors after which trying again cannot help.
var errRefused = errors.New("the Mesos agent refuses this executor")

func (c *Client) update(ctx context.Context, s mesos.TaskStatus) error {
	return c.send(ctx, c.call(executor.Call_UPDATE, func(call *executor.Call) {
		call.Update = &executor.Call_Update{Status: s}
	}))
}

func (c *Client) message(ctx context.Context, data []byte) error {
	return c.send(ctx, c.call(executor.Call_MESSAGE, func(call *executor.Call) {
		call.Message = &executor.Call_Message{Data: data}
	}))
}

// send makes a call that the agent accepts without an answer.
func (c *Client) send(ctx context.Context, call *executor.Call) error {
	ctx, cancel := context.WithTimeout(ctx, subscribeWithin)
	defer cancel()
	resp, err := c.post(ctx, call)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return answer(resp)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096)) // so that the connection can be used again
	return nil
}

func (c *Client) subscribeCall() *executor.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.call(executor.Call_SUBSCRIBE, func(call *executor.Call) {
		call.Subscribe = &executor.Call_Subscribe{UnacknowledgedTasks: c.tasks}
		for _, s := range c.updates {
			call.Subscribe.UnacknowledgedUpdates = append(call.Subscribe.UnacknowledgedUpdates, executor.Call_Update{Status: s})
		}
	})
}

func (c *Client) call(kind executor.Call_Type, fill func(*executor.Call)) *executor.Call {
	call := &executor.Call{
		Type: kind, ExecutorID: mesos.ExecutorID{Value: c.config.ExecutorID},
		FrameworkID: mesos.FrameworkID{Value: c.config.FrameworkID},
	}
	fill(call)
	return call
}

func (c *Client) post(ctx context.Context, call *executor.Call) (*http.Response, error) {
	body, err := call.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode a %v call: %w", call.Type, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a %v call: %w", call.Type, err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Accept", "application/x-protobuf")
	if c.config.Token.IsSet() {
		req.Header.Set("Authorization", "Bearer "+c.config.Token.Reveal())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%v call: %w", call.Type, err)
	}
	return resp, nil
}

// answer turns an unwelcome answer into an error; 4xx cannot be helped by trying again, but for
// 404: that is what an agent says in the moment of its start before it has set up its HTTP routes
// (Mesos: src/executor/executor.cpp). One that is still recovering says 503.
func answer(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
	err := fmt.Errorf("the Mesos agent answers %s: %s", resp.Status,
		strings.TrimSpace(strings.ToValidUTF8(string(text), "?")))
	if resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusNotFound {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}
