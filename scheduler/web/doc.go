// Package web is the framework's HTTP side: the API that operators and the command line use
// (docs/api.md), and the artifact endpoint that agents fetch our executor from. Each has a listener
// of its own: agents never need the API.
package web
