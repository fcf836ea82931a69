package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maskedSince are the first versions of Alluxio that mask the value of a property on their web
// pages and in their REST answers.
// Source: PropertyKey of 1.4.0 to 2.9.6, display type CREDENTIALS; 1.8.1 and 2.9.6 were asked, too
// (docs/facts.md). "*" is a name.
var maskedSince = map[string]string{
	"aws.accessKeyId": "1.8", "aws.secretKey": "1.8",
	"fs.gcs.accessKeyId": "1.8", "fs.gcs.secretAccessKey": "1.8",
	"fs.oss.accessKeyId": "1.8", "fs.oss.accessKeySecret": "1.8",
	"fs.kodo.accesskey": "2.1", "fs.kodo.secretkey": "2.0",
	"fs.cos.access.key": "2.1", "fs.cos.secret.key": "2.1",
	"fs.swift.password": "2.1", "fs.swift.tenant": "2.1", "fs.swift.user": "2.1",
	"s3a.accessKeyId": "2.4", "s3a.secretKey": "2.4",
	"fs.azure.account.key.*": "1.8", "fs.adl.account.*": "2.5",
	"fs.azure.account.oauth2.client.secret": "2.5",
	"fs.obs.accessKey":                      "2.7", "fs.obs.secretKey": "2.7",
	"fs.tos.accessKeyId": "2.9", "fs.tos.accessKeySecret": "2.9",
}

// mountOption is an option of a mount, whose own name follows: Alluxio 2.x masks it as the property
// of that name, 1.x never.
var mountOption = regexp.MustCompile(`^alluxio\.master\.mount\.table\.[^.]+\.option\.(.+)$`)

// isMasked is true when Alluxio of this version masks the value of a property. An unknown version
// is taken for the newest.
func isMasked(key, version string) bool {
	if m := mountOption.FindStringSubmatch(key); m != nil {
		if family(version) == 1 {
			return false
		}
		key = m[1]
	}
	for _, prefix := range []string{"fs.azure.account.key.", "fs.adl.account."} {
		if strings.HasPrefix(key, prefix) {
			key = prefix + "*"
		}
	}
	since, ok := maskedSince[key]
	return ok && (version == "" || !olderThan(version, since))
}

var firstNumbers = regexp.MustCompile(`^([0-9]{1,9})\.([0-9]{1,9})`)

// olderThan compares the first two numbers of two versions.
func olderThan(version, other string) bool {
	numbers := func(v string) (n []int) {
		for _, part := range firstNumbers.FindStringSubmatch(v) {
			i, _ := strconv.Atoi(part) // the whole match is none in both
			n = append(n, i)
		}
		return n
	}
	return slices.Compare(numbers(version), numbers(other)) < 0
}

// warnUnmasked names the secrets of the site file that Alluxio itself would show.
func (l *loader) warnUnmasked(version string) {
	var shownBy []string
	first := ""
	for _, p := range l.entries {
		if !IsOurs(p.Key) && p.Value != "" && IsCredential(p.Key) && !isMasked(p.Key, version) {
			first = cmp.Or(first, oneLine(p.Key))
			shownBy = append(shownBy, oneLine(p.Key)+" ("+p.Source+")")
		}
	}
	if len(shownBy) == 0 {
		return
	}
	who := strings.TrimSpace("Alluxio " + version)
	short := who + " shows the value of " + first
	switch more := len(shownBy) - 1; {
	case more == 1:
		short += " and of 1 more secret"
	case more > 1:
		short += fmt.Sprintf(" and of %d more secrets", more)
	}
	l.warnInShort(short+" on its web port", fmt.Sprintf("%s shows the value of %s to everyone who reaches its web ports; "+
		"write it into core-site.xml beside the site file, or under a name that Alluxio masks, such as %s",
		who, strings.Join(shownBy, ", "), maskedName(version)))
}

// maskedName is a property for the secret key of S3 that this version masks, or would if any did.
func maskedName(version string) string {
	if family(version) == 1 {
		return "aws.secretKey (1.8)"
	}
	return "s3a.secretKey (2.4 and later)"
}
