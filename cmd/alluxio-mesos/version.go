package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases: -X main.version=1.2.3.
var version = ""

// programVersion is the version of a release, else that of the module or of the source.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

// versionLine is the version for people.
func versionLine() string {
	return fmt.Sprintf("alluxio-mesos %s (%s/%s, %s)\n", programVersion(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// addVersion adds the flag --version. SetVersionTemplate would link text/template, which calls
// methods by name: the linker then keeps all methods of all packages, 3 MB of them.
func (c *cli) addVersion(root *cobra.Command) {
	version := root.Flags().BoolP("version", "v", false, "version for "+root.Name())
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if !*version {
			return cmd.Help()
		}
		_, err := fmt.Fprint(c.stdout, versionLine())
		return err
	}
}

// programInfo is the version for programs.
type programInfo struct {
	Version  string `json:"version"`
	Platform string `json:"platform"`
	Go       string `json:"go"`
}

func (c *cli) versionCommand() *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version of this program",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			if output == "" {
				_, err := fmt.Fprint(c.stdout, versionLine())
				return err
			}
			encoder := json.NewEncoder(c.rawOut)
			encoder.SetIndent("", "  ")
			return encoder.Encode(programInfo{programVersion(), runtime.GOOS + "/" + runtime.GOARCH, runtime.Version()})
		},
	}
	addOutput(cmd.Flags(), &output, "print the version as `json`")
	return cmd
}
