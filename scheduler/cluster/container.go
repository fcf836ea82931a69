package cluster

import (
	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// containerInfo is the container of an executor, and so of Alluxio below it; nil without an image.
// What must outlive the container, or be shared between containers, is mounted from the host at the
// same place. Mesos: container-image.md, docker-containerizer.md, docker-volume.md.
func containerInfo(s *config.Settings, role config.Role) *mesos.ContainerInfo {
	image := s.Container.Image
	if image == "" {
		return nil
	}
	info := &mesos.ContainerInfo{}
	for _, path := range s.HostPaths(role) {
		info.Volumes = append(info.Volumes, mesos.Volume{ContainerPath: path, HostPath: &path, Mode: mesos.RW.Enum()})
	}
	if s.Container.Type == config.DockerContainer {
		info.Type = mesos.ContainerInfo_DOCKER.Enum()
		info.Docker = &mesos.ContainerInfo_DockerInfo{
			Image: image,
			// Alluxio listens on ports of the agent and is found by its name; a network of Docker's has neither.
			Network: mesos.ContainerInfo_DockerInfo_HOST.Enum(),
		}
		if s.User != "" { // Docker knows nothing of the user of Mesos
			info.Docker.Parameters = []mesos.Parameter{{Key: "user", Value: s.User}}
		}
		return info
	}
	// Without network_infos it has the network of the host.
	info.Type = mesos.ContainerInfo_MESOS.Enum()
	info.Mesos = &mesos.ContainerInfo_MesosInfo{Image: &mesos.Image{Type: mesos.Image_DOCKER.Enum(),
		Docker: &mesos.Image_Docker{Name: image}}}
	return info
}
