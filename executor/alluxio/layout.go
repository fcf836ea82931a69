package alluxio

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// Layout has the files of an Alluxio install. All paths are relative to its home, with slashes.
type Layout struct {
	// Version is that of the server jar.
	Version string
	// ServerJar holds masters and workers.
	ServerJar string
	// ClientJar holds the shells, or is "" when the install has none that is known: the server jar may
	// hold them, too.
	ClientJar string
	// WebPages is the folder or war of the web pages, or "" when the install has none.
	WebPages string
}

// jars are the places of server jars, the newest layout first: a release links its newer jars into the older place.
var jars = []string{serverJar, twoJars, assemblies}

// webPages are where releases and source builds have them.
var webPages = []string{"webui", "assembly/webapp.war", "core/server/common/src/main/webapp",
	"core/server/src/main/webapp"}

// JarCandidates are glob patterns (path.Match, relative to the home of an install) of everything
// that Identify wants to know about.
func JarCandidates() []string {
	return append(append(slices.Clone(jars), webPages...), clientJar)
}

// Identify finds out which Alluxio an install is, from those of its files that match JarCandidates.
// It is an error when there is no server jar, or when there are two of different versions in the
// same place.
func Identify(files []string) (Layout, error) {
	for _, pattern := range jars {
		var found []Layout
		for _, file := range files {
			if matched, err := path.Match(pattern, file); err == nil && matched {
				before, after, _ := strings.Cut(pattern, "*")
				version := strings.TrimSuffix(strings.TrimPrefix(file, before), after)
				if _, ok := config.ParseVersion(version); ok {
					found = append(found, Layout{Version: version, ServerJar: file})
				}
			}
		}
		switch {
		case len(found) == 0:
			continue
		case len(found) > 1 && found[0].Version != found[1].Version:
			return Layout{},
				fmt.Errorf("two Alluxio servers are installed, %s and %s; remove one", found[0].ServerJar, found[1].ServerJar)
		}
		layout := found[0]
		if client := strings.Replace(clientJar, "*", layout.Version, 1); slices.Contains(files, client) {
			layout.ClientJar = client
		}
		for _, pages := range webPages {
			if layout.WebPages == "" && slices.Contains(files, pages) {
				layout.WebPages = pages
			}
		}
		return layout, nil
	}
	return Layout{},
		errors.New("no Alluxio inside: none of " + strings.Join(jars, ", ") +
			" is there; use a release tarball of Alluxio as it is published")
}
