package realalluxio

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// class is what the constants of a class of Alluxio refer to.
type class struct {
	classes []string // with slashes: also those that its strings name
	keys    []string // the constants of PropertyKey that it reads
}

// jarClasses has the classes of Alluxio in a jar by their names, with slashes, and the classes that
// its lists of services name.
type jarClasses struct {
	classes  map[string]class
	services []string
}

func readClasses(jar string) (*jarClasses, error) {
	r, err := zip.OpenReader(jar)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	found := &jarClasses{classes: map[string]class{}}
	for _, f := range r.File {
		name, isClass := strings.CutSuffix(f.Name, ".class")
		isClass = isClass && strings.HasPrefix(name, "alluxio/")
		isService := strings.HasPrefix(f.Name, "META-INF/services/") && !strings.HasSuffix(f.Name, "/")
		if !isClass && !isService {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if isService {
			for line := range strings.Lines(string(data)) {
				line, _, _ = strings.Cut(line, "#")
				found.services = append(found.services, strings.ReplaceAll(strings.TrimSpace(line), ".", "/"))
			}
			continue
		}
		c, err := readClass(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		found.classes[name] = c
	}
	return found, nil
}

// The tags of constants in a class file. Source: Java Virtual Machine Specification, 4.4.
const (
	tagText, tagLong, tagDouble, tagClass, tagString, tagField = 1, 5, 6, 7, 8, 9
)

// sizes are how many bytes follow the tag of a constant; a text has its own length.
var sizes = map[byte]int{3: 4, 4: 4, tagLong: 8, tagDouble: 8, tagClass: 2, tagString: 2, tagField: 4, 10: 4, 11: 4,
	12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}

// constant is one entry of the pool of a class file: text, or the numbers of other entries.
type constant struct {
	tag  byte
	text string
	refs [2]uint16
}

func readPool(data []byte) ([]constant, error) {
	if len(data) < 10 {
		return nil, io.ErrUnexpectedEOF
	}
	pool := make([]constant, binary.BigEndian.Uint16(data[8:]))
	in := bufio.NewReader(strings.NewReader(string(data[10:])))
	for i := 1; i < len(pool); i++ {
		tag, err := in.ReadByte()
		if err != nil {
			return nil, err
		}
		size, known := sizes[tag]
		if tag == tagText {
			var length [2]byte
			if _, err := io.ReadFull(in, length[:]); err != nil {
				return nil, err
			}
			size, known = int(binary.BigEndian.Uint16(length[:])), true
		}
		content := make([]byte, size)
		if _, err := io.ReadFull(in, content); err != nil || !known {
			return nil, fmt.Errorf("constant %d has the tag %d: %w", i, tag, err)
		}
		pool[i] = constant{tag: tag}
		switch {
		case tag == tagText:
			pool[i].text = string(content)
		case tag == tagLong, tag == tagDouble:
			i++ // takes two entries
		case size == 2 || size == 4:
			for j := range size / 2 {
				pool[i].refs[j] = binary.BigEndian.Uint16(content[2*j:])
			}
		}
	}
	return pool, nil
}

// inDescriptor is a class in a descriptor of a field or method.
var inDescriptor = regexp.MustCompile(`L(alluxio/[\w/$]+);`)

func readClass(data []byte) (c class, err error) {
	pool, err := readPool(data)
	if err != nil {
		return c, err
	}
	textOf := func(i uint16) string { return pool[pool[i].refs[0]].text }
	for _, k := range pool {
		switch k.tag {
		case tagText:
			for _, found := range inDescriptor.FindAllStringSubmatch(k.text, -1) {
				c.classes = append(c.classes, found[1])
			}
		case tagClass:
			c.classes = append(c.classes, pool[k.refs[0]].text)
		case tagString:
			c.classes = append(c.classes, strings.ReplaceAll(pool[k.refs[0]].text, ".", "/"))
		case tagField:
			if strings.HasSuffix(textOf(k.refs[0]), "/PropertyKey") {
				c.keys = append(c.keys, textOf(k.refs[1]))
			}
		}
	}
	return c, nil
}

// reachable are the classes to which roots refer, directly or through others, but for those of stop.
// What PropertyKey refers to is left out: it has the defaults of all processes.
func (j *jarClasses) reachable(roots []string, stop *regexp.Regexp) map[string]bool {
	reached, next := map[string]bool{}, roots
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		if _, known := j.classes[name]; !known || reached[name] || stop.MatchString(name) {
			continue
		}
		reached[name] = true
		if !strings.Contains(name, "/PropertyKey") {
			next = append(next, j.classes[name].classes...)
		}
	}
	return reached
}
