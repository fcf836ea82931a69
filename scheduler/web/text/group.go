package text

import (
	"fmt"
	"strings"
)

const (
	// mostGroups bounds the groups of one list, mostNames the members that a group names: a big
	// cluster has tens of thousands.
	mostGroups = 20
	mostNames  = 3
)

// group is what one line, or paragraph, says of several things.
type group[T any] struct {
	// first is the member whose words the line shows.
	first   T
	members []string
}

// groups collects what is alike, in the order in which it comes. Each member costs the same,
// however many there are.
type groups[T any] struct {
	list  []*group[T]
	byKey map[string]*group[T]
}

// add puts a member into the group of its key, and returns that group.
func (g *groups[T]) add(key, member string, value T) *group[T] {
	known := g.byKey[key]
	if known == nil {
		known = &group[T]{first: value}
		if g.byKey == nil {
			g.byKey = map[string]*group[T]{}
		}
		g.byKey[key] = known
		g.list = append(g.list, known)
	}
	known.members = append(known.members, member)
	return known
}

// shown are the groups that are written out.
func (g *groups[T]) shown() []*group[T] { return g.list[:min(len(g.list), mostGroups)] }

// rest says how many members, called noun, are in groups that are not written out; "" for none.
func (g *groups[T]) rest(noun string) string {
	n := 0
	for _, hidden := range g.list[len(g.shown()):] {
		n += len(hidden.members)
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("and %s more; `-o json` has them all", count(n, noun))
}

// names lists members: all of a few, else some and how many more.
func names(members []string) string {
	shown := members[:min(len(members), mostNames)]
	text := clean(strings.Join(shown, ", "))
	if more := len(members) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// alike is text without what differs between members of one group: numbers, and their own name.
func alike(text, own string) string {
	if own != "" {
		text = strings.ReplaceAll(text, own, "~")
	}
	var b strings.Builder
	b.Grow(len(text))
	number := false
	for i := range len(text) {
		digit := text[i] >= '0' && text[i] <= '9'
		switch {
		case !digit:
			b.WriteByte(text[i])
		case !number:
			b.WriteByte('#')
		}
		number = digit
	}
	return b.String()
}
