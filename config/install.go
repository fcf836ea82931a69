package config

import (
	"errors"
	"net"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Local is the value of the URL properties for what is on every agent already.
const Local = "LOCAL"

var tarballs = []string{".tar.gz", ".tgz", ".tar"}

// parseArchive reads LOCAL as the zero Archive, and a URL as one without a digest.
func parseArchive(value string) (any, error) {
	const hint = "write LOCAL, or the http, https or file URL of a .tar.gz, .tgz or .tar"
	if strings.EqualFold(value, Local) {
		return Archive{}, nil
	}
	u, err := url.Parse(value)
	if err != nil || strings.ContainsAny(value, " \t\n") {
		return nil, errors.New("not a URL; " + hint)
	}
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "":
		return nil, errors.New("not a URL; " + hint + " (a file of every agent is file:///path)")
	case scheme == "file" && ((u.Host != "" && u.Host != "localhost") || !path.IsAbs(u.Path)):
		return nil, errors.New("a file URL has an absolute path: file:///path/to/alluxio.tar.gz")
	case scheme != "file" && scheme != "http" && scheme != "https":
		return nil, errors.New("cannot fetch " + scheme + " URLs; " + hint)
	case scheme != "file" && u.Hostname() == "":
		return nil, errors.New("the URL has no host; " + hint)
	}
	name := strings.ToLower(path.Base(u.Path))
	for _, suffix := range tarballs {
		if strings.HasSuffix(name, suffix) {
			return Archive{URL: value}, nil
		}
	}
	if strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".jar") {
		return nil, errors.New("zip archives are not unpacked: they lose who may execute what; pack it as .tar.gz")
	}
	return nil, errors.New("the URL must end in .tar.gz, .tgz or .tar: pack the whole release folder as one of these")
}

var versionInName = regexp.MustCompile(`(?:^|[^0-9.])([0-9]+\.[0-9]+\.[0-9]+(?:-(?:SNAPSHOT|RC[0-9]+))?)`)

// versionFrom finds a version in the last part of a URL or path, such as
// alluxio-1.8.1-hadoop-2.8-bin.tar.gz, or returns "".
func versionFrom(location string) string {
	if u, err := url.Parse(location); err == nil && u.Scheme != "" {
		location = u.Path
	}
	if found := versionInName.FindStringSubmatch(path.Base(location)); found != nil {
		return found[1]
	}
	return ""
}

// install reads everything about where Alluxio and Java come from.
func (l *loader) install() Install {
	alluxio, jdk := get[Archive](l, KeyJarURL), get[Archive](l, KeyJDKURL)
	alluxio.SHA256 = l.digest(KeyJarSHA256, KeyJarURL, alluxio)
	jdk.SHA256 = l.digest(KeyJDKSHA256, KeyJDKURL, jdk)
	in := Install{
		Home: get[string](l, KeyHome), Alluxio: alluxio, Version: get[string](l, KeyVersion), JDK: jdk,
		JDKPath:  get[string](l, KeyJDKPath),
		CacheDir: get[string](l, KeyCacheDir), CacheSize: get[Bytes](l, KeyCacheSize),
	}
	_, written := l.find(KeyJDKPath)
	in.JDKPathSet = written && in.JDKPath != "" && in.JDKPath != "."
	if alluxio.URL == "" && l.isLocal() && !path.IsAbs(in.Home) {
		l.problem(KeyHome,
			"with "+KeyJarURL+"=LOCAL this must be an absolute path that every agent has, such as /opt/alluxio")
	}
	if in.Version == "" && alluxio.URL != "" {
		in.Version = versionFrom(alluxio.URL)
	}
	if in.Version == "" && alluxio.URL == "" {
		in.Version = versionFrom(in.Home)
	}
	return in
}

// isLocal is true when the site file says that Alluxio is on the agents already.
func (l *loader) isLocal() bool {
	p, _ := l.find(KeyJarURL)
	return strings.EqualFold(strings.TrimSpace(p.Value), Local)
}

// warnOpenDownload warns of a tarball that anybody on the network path could replace.
func (l *loader) warnOpenDownload(key, digestKey string, a Archive) {
	u, err := url.Parse(a.URL)
	if err != nil || !strings.EqualFold(u.Scheme, "http") || a.SHA256 != "" || isLoopback(u.Hostname()) {
		return
	}
	written, _ := l.find(key)
	l.warn("%s (%s) is fetched by plain http without a digest, so anybody on the network path can replace it; set %s "+
		"to what `sha256sum` prints for the tarball, or use https", key, written.Source, digestKey)
}

// isLoopback is true for a name or address of the host itself, to which no network leads.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (l *loader) digest(key, urlKey string, a Archive) string {
	digest := get[string](l, key)
	if digest != "" && a.URL == "" {
		l.warn("%s has no effect with %s=%s; remove the line, or set the URL of the tarball", key, urlKey, Local)
		return ""
	}
	return digest
}

// splitOptions splits JVM options at spaces. Single and double quotes keep spaces together and are
// removed; nothing else is special.
func splitOptions(value string) (any, error) {
	var options []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range value {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				options = append(options, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if inWord {
		options = append(options, word.String())
	}
	return options, checkWords(options)
}
