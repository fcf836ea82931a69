package config

import (
	"encoding/json"
	"strings"
	"testing"
)

// at is where tasks are: how many at each value.
type at = map[string]int

func TestOperatorsJudgeAPlace(t *testing.T) {
	t.Parallel()
	const missing = "\x00"
	for _, c := range []struct {
		sentence, constraint, value string
		others                      at
		want                        bool
	}{
		{"UNIQUE takes a value where no task is", "rack:UNIQUE", "r1", at{"r2": 1}, true},
		{"UNIQUE refuses a value where a task is", "rack:UNIQUE", "r1", at{"r1": 1}, false},
		{"UNIQUE refuses an agent without the attribute", "rack:UNIQUE", missing, nil, false},
		{"CLUSTER with a value takes that value", "rack:CLUSTER:r1", "r1", at{"r2": 1}, true},
		{"CLUSTER with a value refuses others, also while no task runs", "rack:CLUSTER:r1", "r2", nil, false},
		{"CLUSTER without a value lets the first task decide", "rack:CLUSTER", "r2", nil, true},
		{"CLUSTER without a value takes where the others are", "rack:CLUSTER", "r2", at{"r2": 3}, true},
		{"CLUSTER without a value refuses where the others are not", "rack:CLUSTER", "r1", at{"r2": 3}, false},
		{"CLUSTER refuses an agent without the attribute", "rack:CLUSTER", missing, nil, false},
		{"GROUP_BY takes a value where no task is", "rack:GROUP_BY", "r3", at{"r1": 1, "r2": 1}, true},
		{"GROUP_BY takes the smallest group", "rack:GROUP_BY", "r2", at{"r1": 2, "r2": 1}, true},
		{"GROUP_BY refuses a group that is larger than another", "rack:GROUP_BY", "r1", at{"r1": 2, "r2": 1}, false},
		{"GROUP_BY takes any group when all are equal", "rack:GROUP_BY", "r1", at{"r1": 2, "r2": 2}, true},
		{"GROUP_BY without a number stays with the only value that it knows", "rack:GROUP_BY", "r1", at{"r1": 2}, true},
		{"GROUP_BY with a number waits until as many values are in use", "rack:GROUP_BY:3", "r1", at{"r1": 1, "r2": 1},
			false},
		{"GROUP_BY with a number goes round again when all values are in use", "rack:GROUP_BY:3", "r1",
			at{"r1": 1, "r2": 1, "r3": 1}, true},
		{"GROUP_BY refuses an agent without the attribute", "rack:GROUP_BY", missing, nil, false},
		{"MAX_PER takes a value below its number", "rack:MAX_PER:2", "r1", at{"r1": 1}, true},
		{"MAX_PER refuses a value at its number", "rack:MAX_PER:2", "r1", at{"r1": 2}, false},
		{"MAX_PER refuses a value above its number", "rack:MAX_PER:2", "r1", at{"r1": 3}, false},
		{"MAX_PER refuses an agent without the attribute", "rack:MAX_PER:2", missing, nil, false},
		{"LIKE takes what its expression matches", "rack:LIKE:r[12]", "r1", nil, true},
		{"LIKE matches the whole value only", "rack:LIKE:r[12]", "r12", nil, false},
		{"LIKE matches the whole value with alternatives, too", "rack:LIKE:r1|r2", "r12", nil, false},
		{"LIKE refuses an agent without the attribute", "rack:LIKE:.*", missing, nil, false},
		{"UNLIKE refuses what its expression matches", "rack:UNLIKE:r[12]", "r1", nil, false},
		{"UNLIKE takes what its expression does not match as a whole", "rack:UNLIKE:r[12]", "r12", nil, true},
		{"UNLIKE takes an agent without the attribute", "rack:UNLIKE:.*", missing, nil, true},
		{"IS takes the value", "@zone:IS:z1", "z1", nil, true},
		{"IS is not a regular expression", "@zone:IS:z.", "z1", nil, false},
		{"IS minds upper and lower case", "@zone:IS:Z1", "z1", nil, false},
		{"IS refuses an agent without the field", "@zone:IS:z1", missing, nil, false},
		{"IS compares scalars to three decimals, as Mesos does", "level:IS:4.0001", "4", nil, true},
		{"IS tells scalars apart at the third decimal", "level:IS:4.001", "4", nil, false},
		{"IS takes ranges as Mesos writes them", "ids:IS:[1-5,8-9]", "[1-5,8-9]", nil, true},
		{"IS takes sets as Mesos writes them", "disks:IS:{hdd,ssd}", "{hdd,ssd}", nil, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			list, err := ParseConstraints(c.constraint)
			if err != nil || len(list) != 1 {
				t.Fatalf("%v, %v", list, err)
			}
			has := c.value != missing
			if got := list[0].Admits(c.value, has) && (!has || list[0].AdmitsBeside(c.value, c.others)); got != c.want {
				t.Errorf("it says %v", got)
			}
		})
	}
}

func TestATaskDoesNotCountBesideItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence, constraint, value, own string
		counts                           at
		want                             bool
	}{
		{"UNIQUE takes its own value", "rack:UNIQUE", "r1", "r1", at{"r1": 1}, true},
		{"UNIQUE refuses its own value where another is, too", "rack:UNIQUE", "r1", "r1", at{"r1": 2}, false},
		{"UNIQUE refuses the value of another", "rack:UNIQUE", "r2", "r1", at{"r1": 1, "r2": 1}, false},
		{"MAX_PER takes its own value at its number", "rack:MAX_PER:2", "r1", "r1", at{"r1": 2}, true},
		{"MAX_PER refuses its own value above its number", "rack:MAX_PER:2", "r1", "r1", at{"r1": 3}, false},
		{"CLUSTER lets the only task choose", "rack:CLUSTER", "r2", "r1", at{"r1": 1}, true},
		{"CLUSTER keeps a task with the others", "rack:CLUSTER", "r2", "r1", at{"r1": 2}, false},
		{"GROUP_BY takes its own value where it is alone", "rack:GROUP_BY", "r1", "r1", at{"r1": 1, "r2": 1}, true},
		{"GROUP_BY takes a group that is as small without it", "rack:GROUP_BY", "r1", "r1", at{"r1": 2, "r2": 1}, true},
		{"GROUP_BY refuses a group that is larger than its own without it", "rack:GROUP_BY", "r1", "r2",
			at{"r1": 2, "r2": 2}, false},
		{"GROUP_BY does not count a value where it is alone", "rack:GROUP_BY:2", "r2", "r1", at{"r1": 1, "r2": 1}, false},
		{"a task that is not counted takes nothing away", "rack:UNIQUE", "r1", "r1", at{}, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			list, err := ParseConstraints(c.constraint)
			if err != nil {
				t.Fatal(err)
			}
			if got := list[0].AdmitsBesideOthers(c.value, c.own, c.counts); got != c.want {
				t.Errorf("it says %v", got)
			}
		})
	}
}

func TestOnlySomeConstraintsLookAtOtherTasks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"a:UNIQUE": true, "a:CLUSTER": true, "a:CLUSTER:x": false, "a:GROUP_BY:2": true, "a:MAX_PER:2": true,
		"a:LIKE:x": false, "a:UNLIKE:x": false, "a:IS:x": false,
	} {
		if list, err := ParseConstraints(text); err != nil || list[0].Counts() != want {
			t.Errorf("%s: not %v, %v", text, want, err)
		}
	}
}

func TestConstraintsAreReadInBothForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sentence, text, want string }{
		{"Marathon's JSON", `[["hostname","UNIQUE"],["rack","GROUP_BY","3"]]`, "hostname:UNIQUE rack:GROUP_BY:3"},
		{"one constraint of it alone", `["rack","LIKE","r[12]"]`, "rack:LIKE:r[12]"},
		{"none", "", ""},
		{"an empty list", "[]", ""},
		{"semicolons", "hostname:UNIQUE;rack:LIKE:r[12]", "hostname:UNIQUE rack:LIKE:r[12]"},
		{"commas", "hostname:UNIQUE,rack:LIKE:r[12],@zone:IS:a", "hostname:UNIQUE rack:LIKE:r[12] @zone:IS:a"},
		{"spaces and a last separator", " hostname : UNIQUE ; rack:MAX_PER: 2 ; ", "hostname:UNIQUE rack:MAX_PER:2"},
		{"a comma inside an expression", "rack:LIKE:r{1,2}x", "rack:LIKE:r{1,2}x"},
		{"a colon inside a value", "rack:IS:a:b", "rack:IS:a:b"},
		{"a semicolon inside a value, in JSON", `[["rack","LIKE","a;b:UNIQUE"]]`, "rack:LIKE:a;b:UNIQUE"},
		{"operators in lower case", "rack:group_by", "rack:GROUP_BY"},
		{"Marathon's newer name of the host", "@hostname:UNLIKE:gpu.*", "hostname:UNLIKE:gpu.*"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			list, err := ParseConstraints(c.text)
			var texts []string
			for i := range list {
				texts = append(texts, list[i].Text)
			}
			if got := strings.Join(texts, " "); err != nil || got != c.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestAWrongConstraintIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	three := KeyWorkerCount + "=3\n"
	for _, c := range []struct{ sentence, lines, want string }{
		{"an operator that is nearly one", KeyWorkerConstraints + "=rack:UNIKE:r1",
			`"rack:UNIKE:r1": there is no operator UNIKE; did you mean UNLIKE?`},
		{"an operator that is nothing like one", KeyWorkerConstraints + "=rack:X:r1",
			"there is no operator X; write UNIQUE, CLUSTER, GROUP_BY, MAX_PER, LIKE, UNLIKE or IS"},
		{"no operator", KeyWorkerConstraints + "=rack",
			`"rack": is not a field, an operator and perhaps a value; write for example [["hostname","UNIQUE"]`},
		{"no field", KeyWorkerConstraints + "=:UNIQUE", "there is no field; write hostname, @region, @zone"},
		{"an unknown field of Mesos", KeyWorkerConstraints + "=@rack:UNIQUE",
			"there is no field @rack; write @region, @zone, @hostname, or the name of an attribute without @"},
		{"a value for UNIQUE", KeyWorkerConstraints + "=rack:UNIQUE:r1", `UNIQUE takes no value; remove "r1"`},
		{"no value for IS", KeyMasterConstraints + "=rack:IS", "IS needs the value"},
		{"no number for MAX_PER", KeyWorkerConstraints + "=rack:MAX_PER:two",
			"MAX_PER needs a number of at least 1; write for example rack:MAX_PER:2"},
		{"nothing for MAX_PER", KeyWorkerConstraints + "=rack:MAX_PER:0", "MAX_PER needs a number of at least 1"},
		{"a word for GROUP_BY", three + KeyWorkerConstraints + "=rack:GROUP_BY:all",
			"the value of GROUP_BY is how many values the field has"},
		{"no expression", KeyWorkerConstraints + "=rack:LIKE", "LIKE needs a regular expression"},
		{"an open bracket", KeyWorkerConstraints + "=rack:LIKE:r[12",
			"not a regular expression in the syntax of RE2, which has neither look-around nor references back (missing " +
				"closing ]: `[12)$`)"},
		{"look-around", KeyWorkerConstraints + "=rack:UNLIKE:(?!r1).*", "not a regular expression in the syntax of RE2"},
		{"an expression that closes what it did not open", KeyWorkerConstraints + "=rack:LIKE:a)(b",
			"not a regular expression in the syntax of RE2"},
		{"broken JSON", KeyWorkerConstraints + `=[["rack","UNIQUE"]`,
			"begins as JSON, and is no list of lists of quoted strings (numbers are quoted, too)"},
		{"a number in JSON", KeyWorkerConstraints + `=[["rack","MAX_PER",2]]`, "numbers are quoted, too"},
		{"four parts", KeyWorkerConstraints + `=[["rack","LIKE","a","b"]]`,
			"is not a field, an operator and perhaps a value"},
		{"two wrong ones are both named", KeyWorkerConstraints + "=rack:LIKE;host:UNIQ",
			`"rack:LIKE": LIKE needs a regular expression; write for example rack:LIKE:r[12]; "host:UNIQ": there is no ` +
				`operator UNIQ; did you mean UNIQUE?`},
		{"two values for one field", KeyWorkerConstraints + "=rack:IS:a;rack:CLUSTER:b",
			"rack:IS:a and rack:CLUSTER:b contradict each other: one task cannot be at both values; remove one of the two"},
		{"a value that an expression refuses", KeyWorkerConstraints + "=rack:IS:a;rack:LIKE:b.*",
			"a is not a value that rack:LIKE:b.* admits"},
		{"an expression wanted and not wanted", KeyWorkerConstraints + "=rack:LIKE:b.*;rack:UNLIKE:b.*",
			"each refuses what the other wants"},
		{"together and apart", three + KeyWorkerConstraints + "=rack:CLUSTER;rack:UNIQUE",
			"all tasks would be at one value, and each at one of its own"},
		{"together and only a few", three + KeyWorkerConstraints + "=rack:CLUSTER;rack:MAX_PER:2",
			"all tasks would be at one value, which may have fewer"},
		{"together and spread", three + KeyWorkerConstraints + "=rack:IS:a;rack:GROUP_BY:2",
			"all tasks would be at one value, and spread over several"},
		{"several workers on one host", three + KeyWorkerConstraints + "=hostname:IS:h",
			"hostname:IS:h cannot be met: it leads to a single host, and a host gets one alluxio-worker; set " +
				"alluxio.integration.mesos.worker.count=1, or remove it"},
		{"a pinned master elsewhere", KeyMasterHost + "=h\n" + KeyMasterConstraints + "=hostname:UNLIKE:h",
			"the role is pinned to host h (alluxio.integration.mesos.master.host); remove one of the two"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, conf(t, enough+c.lines))
			if len(got) != 1 || !strings.Contains(got[0], c.want) || !strings.Contains(got[0], ".constraints = ") ||
				!strings.HasPrefix(got[0], "site:") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestConstraintsThatGoTogetherAreAccepted(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{
		KeyWorkerConstraints + "=hostname:UNIQUE;rack:LIKE:r[12];rack:MAX_PER:2",
		KeyWorkerCount + "=1\n" + KeyWorkerConstraints + "=hostname:CLUSTER:h;rack:UNIQUE",
		KeyWorkerCount + "=4\n" + KeyWorkerConstraints + "=@region:IS:eu;@zone:GROUP_BY:2",
		KeyMasterHost + "=h\n" + KeyMasterConstraints + "=hostname:LIKE:h.*",
	} {
		if s := load(t, conf(t, enough+lines)); len(s.Master.Constraints)+len(s.Worker.Constraints) == 0 {
			t.Errorf("%s: none", lines)
		}
	}
	s := load(t, conf(t, enough+KeyWorkerConstraints+"=rack:GROUP_BY"))
	if !strings.Contains(strings.Join(s.Warnings, "\n"),
		"rack:GROUP_BY with alluxio.integration.mesos.worker.count=all leaves hosts without a worker") {
		t.Errorf("warnings are %q", s.Warnings)
	}
}

// FuzzParseConstraints: whatever is written, there are constraints or one line of complaint, and
// what was read can be written as JSON and read again.
func FuzzParseConstraints(f *testing.F) {
	for _, seed := range []string{"hostname:UNIQUE;rack:LIKE:r{1,2}", `[["rack","GROUP_BY","3"]]`, "a:IS:b,c:MAX_PER:1",
		"a:LIKE:(", "[", `["a","IS","\u0000"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseConstraints(text)
		if err != nil {
			if list != nil || err.Error() == "" {
				t.Fatalf("%v, %v", list, err)
			}
			return
		}
		rows := [][]string{}
		for i := range list {
			c := &list[i]
			c.AdmitsBeside("x", at{"x": 1, "y": 2})
			if c.Admits("", false) != (c.Operator == Unlike) {
				t.Fatalf("%s admits a place without a value", c.Text)
			}
			row := []string{c.Field, string(c.Operator)}
			if c.Value != "" {
				row = append(row, c.Value)
			}
			rows = append(rows, row)
		}
		encoded, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseConstraints(string(encoded))
		if err != nil || len(again) != len(list) {
			t.Fatalf("%q was written as %s and read as %v, %v", text, encoded, again, err)
		}
		for i := range again {
			if again[i].Text != list[i].Text && strings.ToValidUTF8(text, "") == text {
				t.Fatalf("%q became %q", list[i].Text, again[i].Text)
			}
		}
	})
}
