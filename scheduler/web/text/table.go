package text

import (
	"strings"
	"unicode/utf8"
)

func section(b *strings.Builder, title string, rows [][]string) {
	if len(rows) > 0 {
		b.WriteString("\n" + title + "\n")
		table(b, rows)
	}
}

// table writes rows with columns two spaces apart, each as wide as its widest cell; a column that
// is empty below its heading is left out.
func table(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for i := range width {
		empty := len(rows) > 1
		for _, row := range rows[1:] {
			empty = empty && row[i] == ""
		}
		if empty {
			width[i] = -1
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if width[i] >= 0 {
				line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
