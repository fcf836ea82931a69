package testcluster

import (
	"context"
	"net/http"
	"time"
)

// LeadsAt is true for the web address of an Alluxio master that leads: no other answers.
func LeadsAt(ctx context.Context, web string) bool {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, web+"/api/v1/master/info", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}
