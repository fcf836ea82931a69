package alluxio

import (
	"fmt"
	"slices"

	"github.com/alluxio/alluxio-mesos/config"
)

const log4jName = "log4j.properties"

// minimalLog4j is for installs without a log4j.properties: one rolling file, as the releases have it.
const minimalLog4j = `# Written by alluxio-mesos: neither the operator nor the release has a log4j.properties.
log4j.rootLogger=INFO, ${alluxio.logger.type}
log4j.appender.%[1]s=org.apache.log4j.RollingFileAppender
log4j.appender.%[1]s.File=${alluxio.logs.dir}/%[2]s
log4j.appender.%[1]s.MaxFileSize=10MB
log4j.appender.%[1]s.MaxBackupIndex=10
log4j.appender.%[1]s.layout=org.apache.log4j.PatternLayout
log4j.appender.%[1]s.layout.ConversionPattern=%%d{ISO8601} %%-5p %%c{1} - %%m%%n
`

// stderrName is the appender that stderrLog4j defines.
const stderrName = "SANDBOX_STDERR"

// stderrLog4j puts errors, and nothing else, where an operator looks first: the sandbox's stderr,
// which Mesos does not rotate.
const stderrLog4j = `
# Added by alluxio-mesos: errors reach the sandbox's stderr as well.
log4j.appender.` + stderrName + `=org.apache.log4j.ConsoleAppender
log4j.appender.` + stderrName + `.Target=System.err
log4j.appender.` + stderrName + `.Threshold=ERROR
log4j.appender.` + stderrName + `.layout=org.apache.log4j.PatternLayout
log4j.appender.` + stderrName + `.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} - %m%n
`

// log4j chooses the configuration of the logs and the value of alluxio.logger.type that goes with
// it: the operator's file as it is, else the release's, else ours, both with errors to stderr.
// written is false when the operator's file travels already.
func log4j(process process, operator []config.File, release []byte) (file config.File, logger string, written bool) {
	logger = process.logger
	if slices.ContainsFunc(operator, func(f config.File) bool { return f.Name == log4jName }) {
		return config.File{}, logger, false
	}
	if len(release) == 0 {
		release = []byte(fmt.Sprintf(minimalLog4j, logger, process.logFile))
	}
	data := append(slices.Clone(release), stderrLog4j...)
	return config.File{Name: log4jName, Data: data}, logger + "," + stderrName, true
}
