package config

import (
	"errors"
	"fmt"
	"strings"
)

// quotas are the sizes of the folders of a level, at least one and at most folders; nil if they
// cannot be read.
func (l *loader) quotas(s *Settings, level, folders int) []Bytes {
	key := TierKey(level, "dirs.quota")
	written, _ := l.find(key)
	text := strings.TrimSpace(written.Value)
	if level == 0 {
		if text == "" {
			text = "${" + KeyRamdiskSize + "}"
		}
		if s.Ramdisk.Size == 0 { // its problem is recorded
			return nil
		}
		for _, name := range []string{KeyRamdiskSize, KeyMemorySize} { // Alluxio's own default, written out
			text = strings.ReplaceAll(text, "${"+name+"}", s.Ramdisk.Size.String())
		}
	}
	text, err := l.expand(text)
	if err == nil && text == "" {
		err = fmt.Errorf("level %d of %s has no size; write one, such as 100GB, or fewer levels", level, KeyTierLevels)
	}
	if err != nil {
		l.problem(key, "%s", err)
		return nil
	}
	var quotas []Bytes
	for _, part := range strings.Split(text, ",") {
		size, err := KindRamdisk.parseSize(strings.TrimSpace(part))
		if err != nil {
			l.problem(key, "%s", err)
			return nil
		}
		quotas = append(quotas, size)
	}
	if len(quotas) > folders {
		l.problem(key, "it has %d sizes, and %s names %d; write one size for each folder", len(quotas),
			TierKey(level, "dirs.path"), folders)
		return nil
	}
	return quotas
}

// mediums are what the folders of a level are on: at least one, and at most folders. Alluxio 1.x
// knows the alias of the level alone.
func (l *loader) mediums(s *Settings, level, folders int) []string {
	key := TierKey(level, "dirs.mediumtype")
	written, ok := l.find(key)
	if text := strings.TrimSpace(written.Value); !ok || text == "" || family(s.Install.Version) == 1 ||
		text == "${"+TierKey(level, "alias")+"}" {
		return []string{l.alias(level)}
	}
	text, err := l.expand(strings.TrimSpace(written.Value))
	mediums := strings.Split(text, ",")
	if err == nil && len(mediums) > folders {
		err = fmt.Errorf("it has %d mediums, and %s names %d; write one medium for each folder", len(mediums),
			TierKey(level, "dirs.path"), folders)
	}
	for i := range mediums {
		if mediums[i] = strings.TrimSpace(mediums[i]); mediums[i] == "" && err == nil {
			err = errors.New("a medium is missing; write for example MEM,SSD,SSD")
		}
	}
	if err != nil {
		l.problem(key, "%s", err)
	}
	return mediums
}

// alias is the name of a level, "" if it has none. Measured on 1.8.1 and 2.9.6: only level 0 has a
// default, and a master does not start without the aliases of the others either.
func (l *loader) alias(level int) string {
	if written, ok := l.find(TierKey(level, "alias")); ok && strings.TrimSpace(written.Value) != "" {
		return strings.TrimSpace(written.Value)
	}
	if level > 0 {
		return ""
	}
	return tierMemory
}
