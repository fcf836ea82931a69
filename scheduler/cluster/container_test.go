package cluster

import (
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// inContainers are settings of a cluster whose journal and ramdisk are on the hosts.
func inContainers(kind config.ContainerType) *config.Settings {
	s := testSettings(1)
	s.Container = config.Container{Image: "alluxio/alluxio:2.9.6", Type: kind}
	s.Journal.DataDir, s.Ramdisk.Path, s.User = "/var/lib/alluxio", "/mnt/ramdisk", "alluxio"
	return s
}

func TestTheContainerOfATask(t *testing.T) {
	t.Parallel()
	for kind, check := range map[config.ContainerType]func(*testing.T, *mesos.ContainerInfo){
		config.MesosContainer: func(t *testing.T, c *mesos.ContainerInfo) {
			if c.GetType() != mesos.ContainerInfo_MESOS || c.Mesos.GetImage().GetType() != mesos.Image_DOCKER ||
				c.Mesos.Image.Docker.GetName() != "alluxio/alluxio:2.9.6" || c.Docker != nil {
				t.Errorf("%v", c)
			}
			if len(c.NetworkInfos) > 0 {
				t.Errorf("it has a network of its own: %v", c.NetworkInfos)
			}
		},
		config.DockerContainer: func(t *testing.T, c *mesos.ContainerInfo) {
			if c.GetType() != mesos.ContainerInfo_DOCKER || c.Docker.GetImage() != "alluxio/alluxio:2.9.6" ||
				c.Docker.GetNetwork() != mesos.ContainerInfo_DockerInfo_HOST || c.Mesos != nil {
				t.Errorf("%v", c)
			}
			if len(c.Docker.Parameters) != 1 || c.Docker.Parameters[0] != (mesos.Parameter{Key: "user", Value: "alluxio"}) ||
				c.Docker.GetPrivileged() {
				t.Errorf("it runs as %v", c.Docker.Parameters)
			}
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			tasks := launches(t, inContainers(kind))
			for i, want := range []string{"/var/lib/alluxio", "/mnt/ramdisk"} {
				c := tasks[i].Executor.Container
				if c == nil || tasks[i].Container != nil {
					t.Fatalf("%s: the executor's container is %v, the task's %v", tasks[i].TaskID.Value, c, tasks[i].Container)
				}
				check(t, c)
				var mounted []string
				for _, v := range c.Volumes {
					if v.GetHostPath() != v.ContainerPath || v.GetMode() != mesos.RW {
						t.Errorf("volume %v", v)
					}
					mounted = append(mounted, v.ContainerPath)
				}
				if got := strings.Join(mounted, " "); got != want {
					t.Errorf("%s has %s of its host, want %s", tasks[i].TaskID.Value, got, want)
				}
			}
		})
	}
	for _, task := range launches(t, testSettings(1)) {
		if task.Container != nil || task.Executor.Container != nil {
			t.Errorf("without an image %s has a container", task.TaskID.Value)
		}
	}
}
