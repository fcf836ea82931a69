package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/config"
)

// Load reads a folder's alluxio-site.properties. What it returns has a value for every property.
func ExampleLoad() {
	dir := folderOf(`alluxio.integration.mesos.alluxio.jar.url=https://mirror.example.org/alluxio-2.9.6-bin.tar.gz
alluxio.integration.mesos.worker.count=3
alluxio.worker.ramdisk.size=16GB
`)
	defer os.RemoveAll(dir)
	settings, err := config.Load(config.Options{ConfDir: dir, MesosMaster: "mesos-master"})
	if err != nil {
		panic(err)
	}
	fmt.Println(settings.Install.Version, settings.Worker.Count, settings.Ramdisk.Size, settings.KillGrace)
	// Output: 2.9.6 3 16GB 30s
}

// Every problem is reported at once, each with its place and what to write instead.
func ExampleProblems() {
	dir := folderOf(`alluxio.integration.mesos.alluxio.jar.url=https://mirror.example.org/alluxio-2.9.6-bin.tar.gz
alluxio.integration.mesos.worker.count=many
alluxio.integration.mesos.kill.grace=soon
`)
	defer os.RemoveAll(dir)
	_, err := config.Load(config.Options{ConfDir: dir, MesosMaster: "mesos-master"})
	var problems config.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Printf("%s %s\n  %s\n", filepath.Base(p.Source), p.Key, p.Message)
		}
	}
	// Output:
	// alluxio-site.properties:2 alluxio.integration.mesos.worker.count
	//   not a number of tasks; write 0 or more, or all for one on every host that fits
	// alluxio-site.properties:3 alluxio.integration.mesos.kill.grace
	//   is not a time; write for example 500ms, 30s, 10min, 2h or 14d
}

// Properties are read as java.util.Properties reads them.
func ExampleParseProperties() {
	list, problems := config.ParseProperties("site", []byte("a.b = 1\nc\\:d : caf\\u00e9 \\\n   au lait\n"))
	fmt.Println(len(problems))
	for _, p := range list {
		fmt.Printf("%s %q %q\n", p.Source, p.Key, p.Value)
	}
	// Output:
	// 0
	// site:1 "a.b" "1"
	// site:2 "c:d" "café au lait"
}

// A constraint says which hosts a task may have, given where the others are.
func ExampleParseConstraints() {
	constraints, err := config.ParseConstraints("rack:MAX_PER:2")
	if err != nil {
		panic(err)
	}
	others := map[string]int{"r1": 2, "r2": 1}
	for _, rack := range []string{"r1", "r2"} {
		fmt.Println(rack, constraints[0].AdmitsBeside(rack, others))
	}
	// Output:
	// r1 false
	// r2 true
}

// folderOf makes a folder with a site file.
func folderOf(site string) string {
	dir, err := os.MkdirTemp("", "conf")
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, config.SiteFile), []byte(site), 0o600); err != nil {
		panic(err)
	}
	return dir
}
