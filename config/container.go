package config

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
)

// ContainerType is who runs a container on the agents.
type ContainerType string

const (
	// MesosContainer is Mesos's own containerizer, which unpacks the image itself.
	MesosContainer ContainerType = "MESOS"
	// DockerContainer is a Docker daemon on each agent.
	DockerContainer ContainerType = "DOCKER"
)

// Container is the image that tasks run in; zero for none.
type Container struct {
	// Image is a reference such as registry:5000/alluxio/alluxio:2.9.6.
	Image string
	Type  ContainerType
}

// imageText is the reference of an image. Docker: distribution/reference.
var imageText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*` +
	`(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$`)

func parseImage(value string) (any, error) {
	if value != "" && !imageText.MatchString(value) {
		return nil,
			errors.New("not the name of an image; write for example alluxio/alluxio:2.9.6, or " +
				"registry.example:5000/alluxio@sha256: and its digest")
	}
	return value, nil
}

// container reads the image, and finds out what would not be there inside: a container sees nothing
// of its host but what is mounted into it.
func (l *loader) container(s *Settings) {
	c := Container{Image: get[string](l, KeyContainerImage), Type: get[ContainerType](l, KeyContainerType)}
	if c.Image == "" {
		if _, ok := l.find(KeyContainerType); ok {
			l.problem(KeyContainerType, "has no effect without an image; set %s, or remove the line", KeyContainerImage)
		}
		return
	}
	s.Container = c
	for key, archive := range map[string]Archive{KeyJarURL: s.Install.Alluxio, KeyJDKURL: s.Install.JDK} {
		if strings.HasPrefix(strings.ToLower(archive.URL), "file:") {
			l.problem(key,
				"a file of the agent is not in the container; serve it by http, or put it into the image and write %s", Local)
		}
	}
	j := s.Journal
	if s.Master.Volume == 0 && !j.Shared && j.Folder == "" && j.DataDir == "" {
		l.problem(KeyContainerImage,
			"the journal would be inside of the container and lost with it; set %s to a folder of the agents, which is "+
				"mounted, or give the master a volume (%s), or the journal a shared place (%s)", KeyDataDir, KeyMasterVolume,
			KeyJournalFolder)
	}
	if s.Ramdisk.Path == "" && s.Worker.Count != 0 {
		l.problem(KeyContainerImage,
			"the ramdisk cannot be made inside of a container; set %s to a folder of the agents on a tmpfs, such as "+
				"/mnt/ramdisk, which is mounted", KeyRamdiskPath)
	}
	if s.Install.CacheDir == "" && (s.Install.Alluxio.URL != "" || s.Install.JDK.URL != "") {
		l.warn("each container fetches its tarballs again: set %s to a folder of the agents, which is mounted", KeyCacheDir)
	}
	if s.Ramdisk.Sudo {
		l.problem(KeyRamdiskSudo,
			"inside of a container nothing can be mounted, also not with sudo; remove the line and set %s", KeyRamdiskPath)
	}
}

// HostPaths are the folders of the host that the container of a role needs, at the same place
// inside: sorted, and none inside of another.
func (s *Settings) HostPaths(role Role) []string {
	var paths []string
	add := func(location string) {
		if location = strings.TrimSpace(location); isHostLocal(location) && path.IsAbs(localPath(location)) {
			paths = append(paths, path.Clean(localPath(location)))
		}
	}
	if s.Install.Alluxio.URL != "" || s.Install.JDK.URL != "" {
		add(s.Install.CacheDir)
	}
	row := s.Roles.Row(role)
	if row.Journal && s.Of(role).Volume == 0 {
		add(s.Journal.Folder)
		add(s.Journal.DataDir)
	}
	if row.Blocks {
		for _, f := range s.TierFolders() {
			add(f.Path)
		}
	}
	for _, key := range []string{KeyRootUFS, KeyUnderFSAddress} {
		store, _ := s.SiteValue(key)
		add(store)
	}
	slices.Sort(paths)
	var apart []string
	for _, p := range slices.Compact(paths) {
		if !slices.ContainsFunc(apart, func(outer string) bool {
			return strings.HasPrefix(p, strings.TrimSuffix(outer, "/")+"/")
		}) {
			apart = append(apart, p)
		}
	}
	return apart
}
