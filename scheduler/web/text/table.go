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
	width := widths(rows)
	for _, row := range rows {
		b.WriteString(line(row, width) + "\n")
	}
}

// foldedTable is table for rows with a heading. Of a table that is wider than columns, the columns that
// have no room are written on a line below each row, with their headings.
func foldedTable(b *strings.Builder, rows [][]string, columns int) {
	width := widths(rows)
	total, fits := 0, 1
	for i, w := range width {
		if w >= 0 {
			total += w
			if total <= columns || columns <= 0 {
				fits = i + 1
			}
			total += 2
		}
	}
	for i, row := range rows {
		b.WriteString(line(row[:fits], width) + "\n")
		var rest []string
		for j := fits; i > 0 && j < len(row); j++ {
			if width[j] >= 0 && row[j] != "" {
				rest = append(rest, strings.ToLower(rows[0][j])+" "+row[j])
			}
		}
		if len(rest) > 0 {
			b.WriteString("    " + strings.Join(rest, ", ") + "\n")
		}
	}
}

// widths are the widths of the columns of rows, -1 for one that is empty below its heading.
func widths(rows [][]string) []int {
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
	return width
}

// line is one row of a table.
func line(row []string, width []int) (text string) {
	for i, cell := range row {
		if width[i] >= 0 {
			text += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
		}
	}
	return strings.TrimRight(text, " ")
}
