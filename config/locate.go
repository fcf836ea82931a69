package config

import "path/filepath"

// Locate returns the default folders of a framework: the conf folder is $ALLUXIO_CONF_DIR, else
// $ALLUXIO_HOME/conf, else conf/ three levels above scriptDir, the folder of the start script
// (integration/mesos/bin). Logs are in $ALLUXIO_LOGS_DIR, else logs/ beside the conf folder; the
// state is in mesos-state/ beside it. env is os.Getenv. The folders need not exist, and are
// relative when their variable is.
func Locate(env func(string) string, scriptDir string) (confDir, logsDir, stateDir string) {
	switch {
	case env("ALLUXIO_CONF_DIR") != "":
		confDir = filepath.Clean(env("ALLUXIO_CONF_DIR"))
	case env("ALLUXIO_HOME") != "":
		confDir = filepath.Join(env("ALLUXIO_HOME"), "conf")
	default:
		confDir = filepath.Join(scriptDir, "..", "..", "..", "conf")
	}
	beside := filepath.Join(confDir, "..")
	logsDir = filepath.Join(beside, "logs")
	if dir := env("ALLUXIO_LOGS_DIR"); dir != "" {
		logsDir = filepath.Clean(dir)
	}
	return confDir, logsDir, filepath.Join(beside, "mesos-state")
}
