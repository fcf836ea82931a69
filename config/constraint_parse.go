package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// operators in the order of the documentation.
var operators = []Operator{Unique, Cluster, GroupBy, MaxPer, Like, Unlike, Is}

const constraintExample = `write for example [["hostname","UNIQUE"],["rack","GROUP_BY","3"]], or ` +
	`hostname:UNIQUE;rack:GROUP_BY:3`

// ParseConstraints reads constraints in Marathon's JSON, or in the short form field:OPERATOR:value
// with semicolons or commas between them. A comma separates only where another field:OPERATOR
// follows, so that a regular expression may hold one. Its error is one line that names every
// constraint that is wrong, with a hint.
func ParseConstraints(text string) ([]Constraint, error) {
	rows, err := constraintRows(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	var constraints []Constraint
	var wrong []string
	for _, row := range rows {
		c, err := parseConstraint(row)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%q: %v", strings.Join(row, ":"), err))
			continue
		}
		constraints = append(constraints, c)
	}
	if len(wrong) > 0 {
		return nil, errors.New(strings.Join(wrong, "; "))
	}
	return constraints, nil
}

// constraintRows cuts text into constraints, and those into two or three parts.
func constraintRows(text string) ([][]string, error) {
	var rows [][]string
	if strings.HasPrefix(text, "[") {
		if json.Unmarshal([]byte(text), &rows) == nil {
			return rows, nil
		}
		var row []string
		if json.Unmarshal([]byte(text), &row) == nil {
			return [][]string{row}, nil
		}
		return nil,
			errors.New("begins as JSON, and is no list of lists of quoted strings (numbers are quoted, too); " +
				constraintExample)
	}
	for _, part := range splitConstraints(text) {
		if part = strings.TrimSpace(part); part != "" {
			rows = append(rows, strings.SplitN(part, ":", 3))
		}
	}
	return rows, nil
}

// nextConstraint is what follows a comma that separates constraints.
var nextConstraint = regexp.MustCompile(`^\s*[^\s:;,]+:[A-Za-z_]+\s*(?:[:;,]|$)`)

func splitConstraints(text string) []string {
	var parts []string
	from := 0
	for i := range len(text) {
		if text[i] == ';' || text[i] == ',' && nextConstraint.MatchString(text[i+1:]) {
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

func parseConstraint(row []string) (Constraint, error) {
	if len(row) < 2 || len(row) > 3 {
		return Constraint{}, errors.New("is not a field, an operator and perhaps a value; " + constraintExample)
	}
	c := Constraint{Field: strings.TrimSpace(row[0]), Operator: Operator(strings.ToUpper(strings.TrimSpace(row[1])))}
	if len(row) == 3 {
		c.Value = strings.TrimSpace(row[2])
	}
	if err := c.checkField(); err != nil {
		return Constraint{}, err
	}
	if !slices.Contains(operators, c.Operator) {
		return Constraint{}, unknownOperator(strings.TrimSpace(row[1]))
	}
	if err := c.checkValue(); err != nil {
		return Constraint{}, err
	}
	c.setText()
	return c, nil
}

func (c *Constraint) checkField() error {
	switch {
	case c.Field == "":
		return fmt.Errorf("there is no field; write %s, %s, %s, or the name of an attribute of the agents", FieldHost,
			FieldRegion, FieldZone)
	case c.Field == "@"+FieldHost:
		c.Field = FieldHost
	case strings.HasPrefix(c.Field, "@") && c.Field != FieldRegion && c.Field != FieldZone:
		return fmt.Errorf("there is no field %s; write %s, %s, @%s, or the name of an attribute without @", c.Field,
			FieldRegion, FieldZone, FieldHost)
	}
	return nil
}

func unknownOperator(name string) error {
	best, distance := Operator(""), 1+len(name)/2
	for _, o := range operators {
		if d := editDistance(strings.ToUpper(name), string(o), distance); d < distance {
			best, distance = o, d
		}
	}
	if best != "" {
		return fmt.Errorf("there is no operator %s; did you mean %s?", name, best)
	}
	return fmt.Errorf("there is no operator %s; write UNIQUE, CLUSTER, GROUP_BY, MAX_PER, LIKE, UNLIKE or IS", name)
}

func (c *Constraint) checkValue() (err error) {
	switch c.Operator {
	case Unique:
		if c.Value != "" {
			return fmt.Errorf("UNIQUE takes no value; remove %q, or write MAX_PER for another number than one", c.Value)
		}
	case Is:
		if c.Value == "" {
			return errors.New("IS needs the value that the field must have; write for example rack:IS:r1")
		}
	case MaxPer:
		if c.Number, err = strconv.Atoi(c.Value); err != nil || c.Number < 1 {
			return errors.New("MAX_PER needs a number of at least 1; write for example rack:MAX_PER:2")
		}
	case GroupBy:
		if c.Number, err = strconv.Atoi(c.Value); c.Value != "" && (err != nil || c.Number < 1) {
			return errors.New("the value of GROUP_BY is how many values the field has, a number of at least 1; write for " +
				"example rack:GROUP_BY:3, or no value")
		}
	case Like, Unlike:
		if c.Value == "" {
			return fmt.Errorf("%s needs a regular expression; write for example rack:%s:r[12]", c.Operator, c.Operator)
		}
		if c.pattern, err = regexp.Compile("^(?:" + c.Value + ")$"); err == nil {
			_, err = regexp.Compile(c.Value)
		}
		if err != nil {
			return fmt.Errorf("not a regular expression in the syntax of RE2, which has neither look-around nor references "+
				"back (%s); in the site file a backslash is written twice", reason(err))
		}
	}
	return nil
}

// reason is what is wrong with a regular expression, in the words of its parser.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}
