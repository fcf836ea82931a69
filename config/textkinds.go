package config

import (
	"errors"
	"fmt"
	"net"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

func (k Kind) parsePath(value string) (any, error) {
	switch {
	case value == "":
		return "", nil
	case strings.ContainsRune(value, 0):
		return nil, errors.New("a path cannot hold a NUL byte")
	case k == KindInside:
		clean := path.Clean(value)
		if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
			return nil, errors.New("must be a folder inside the tarball, such as jdk1.8.0_151")
		}
		return clean, nil
	case !path.IsAbs(value):
		return nil, errors.New("must be an absolute path, such as /mnt/alluxio")
	}
	return path.Clean(value), nil
}

// mostFolders bounds the folders of a tier: more than a host has disks.
const mostFolders = 256

// parseFolders reads folders of a tier: absolute ones, or relative ones on a volume.
func parseFolders(value string) (folders []string, err error) {
	if value == "" {
		return nil, nil
	}
	parts := strings.Split(value, ",")
	if len(parts) > mostFolders {
		return nil, fmt.Errorf("it names %d folders; a tier has at most %d", len(parts), mostFolders)
	}
	for _, part := range parts {
		folder := path.Clean(strings.TrimSpace(part))
		switch {
		case strings.TrimSpace(part) == "":
			return nil, errors.New("a folder between the commas is missing; write for example /mnt/ssd1,/mnt/ssd2")
		case strings.ContainsRune(folder, 0):
			return nil, errors.New("a path cannot hold a NUL byte")
		case folder == "/", folder == ".", !path.IsAbs(folder) && strings.HasPrefix(folder+"/", "../"):
			return nil, errors.New("write absolute paths below /, or relative ones for folders on the worker's volume")
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

func parseAddress(value string) (any, error) {
	host, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, "/@ ") {
		return nil, errors.New("not host:port; write for example 10.0.0.5:9000, or :0 for any free port")
	}
	return value, nil
}

var (
	nameText    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	versionText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+([.-][A-Za-z0-9.-]+)?$`)
	sha256Text  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (k Kind) parseText(value string) (any, error) {
	switch {
	case k == KindName && !nameText.MatchString(value):
		return nil, errors.New("write 1 to 64 letters, digits, '.', '-' or '_', beginning with a letter or digit")
	case k == KindTitle && (value == "" || strings.ContainsFunc(value, unicode.IsControl)):
		return nil, errors.New("write a name, or remove the line")
	case (k == KindUser || k == KindHost) && strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}):
		return nil, errors.New("must be one word without spaces")
	case k == KindHost && strings.ContainsAny(value, ":/,@"):
		return nil, errors.New("must be one host name as Mesos shows it for its agent, without a port")
	case k == KindVersion && value != "" && !versionText.MatchString(value):
		return nil, errors.New("not a version; write for example 1.8.1 or 2.9.6")
	case k == KindSHA256:
		value = strings.ToLower(value)
		if value != "" && !sha256Text.MatchString(value) {
			return nil, errors.New("not a SHA-256 digest: it has 64 hexadecimal digits, as sha256sum prints them")
		}
	}
	return value, nil
}
