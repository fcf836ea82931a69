package config

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// javaReads runs one JVM over all documents and returns for each what java.util.Properties made of
// it: nil where it threw.
func javaReads(t *testing.T, documents [][]byte) []map[string]string {
	t.Helper()
	var input bytes.Buffer
	number := func(n int) { input.Write(binary.BigEndian.AppendUint32(nil, uint32(n))) }
	number(len(documents))
	for _, d := range documents {
		number(len(d))
		input.Write(d)
	}
	var output, complaints bytes.Buffer
	java := exec.CommandContext(t.Context(), "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "testdata/ReadProperties.java")
	java.Stdin, java.Stdout, java.Stderr = &input, &output, &complaints
	if err := java.Run(); err != nil {
		t.Fatalf("run java (a JDK of version 11 or later must be on PATH): %v\n%s", err, complaints.String())
	}
	lines := strings.Split(strings.TrimSuffix(output.String(), "\n"), "\n")
	if len(lines) != len(documents) {
		t.Fatalf("java answered %d lines for %d documents", len(lines), len(documents))
	}
	answers := make([]map[string]string, len(lines))
	for i, line := range lines {
		if line != "error" {
			answers[i] = decodeAnswer(t, line)
		}
	}
	return answers
}

func decodeAnswer(t *testing.T, line string) map[string]string {
	t.Helper()
	text := func(hex string) string {
		var units []uint16
		for ; hex != ""; hex = hex[4:] {
			var unit uint16
			if _, err := fmt.Sscanf(hex[:4], "%04x", &unit); err != nil {
				t.Fatalf("java answered %q: %v", line, err)
			}
			units = append(units, unit)
		}
		return string(utf16.Decode(units))
	}
	entries := map[string]string{}
	for entry := range strings.FieldsSeq(line) {
		key, value, _ := strings.Cut(entry, "=")
		entries[text(key)] = text(value)
	}
	return entries
}

// asMap keeps the last of every key, as java.util.Properties does.
func asMap(list []Property) map[string]string {
	entries := map[string]string{}
	for _, p := range list {
		entries[p.Key] = p.Value
	}
	return entries
}

// nastyDocuments are what people and their editors really produce, and what tells readers apart.
var nastyDocuments = []string{
	"", "\n", "\r", "\r\n", " ", "#", "!", "# only a comment", "#comment\\\na=b", "  # indented comment\na=b", "a=b",
	"a=b\n", "a=b\r\nc=d\r\n", "a=b\rc=d\r",
	"a b", "a:b", "a = b", "a : b", "a\tb", "a\fb", "a  =  b  ", "a==b", "a=:b", "a:=b", "a =: b", "a: =b", "a= = b",
	"a=\\ b", "a=b\\ ", "a", "a=", "a:", "a ", "=", ":", "=b", ":b", " = b", "==",
	"a=1\na=2\na=3", "a\\=b=c", "a\\:b:c", "a\\ b c", "\\#a=b", "\\!a=b", "a#b=c", "a=b#c", "a=#", "a=!", "a\\\\=b",
	"a\\\\\\=b=c", "a=\\\\", "a=\\\\\\\\",
	"a=b\\\nc", "a=b\\\n   c", "a=b\\\r\n\tc", "a=b\\\rc", "a=b\\\r\rc=d", "a=b\\\n\nc=d", "a=b\\\n  \nc=d",
	"a=b\\\n# not a comment\nc=d", "a=b\\\\\nc=d", "a=b\\\\\\\nc=d", "k\\\ney=v", "k\\\n  ey=v", "key\\\n=v",
	"key\\\n  =v", "key \\\n = \\\n v", "key=\\\n", "key=\\",
	"\\", "\\\n", "\\\n\n", "\\\n ", "\\\n  \n", "\\\n#c", "\\\n#c\na=b", "\\\na=b", "\\\n  a=b", "\\\r\n", "\\\r",
	"a=b\n\\", "a=b\n\\\n", "a=b\n\\\n ", "\\\\", "\\\\\n", "\\\n\\\n\\\n", "\\\n\\", "a\\", "a\\\n", "a=b\\\n",
	"a=b\\\n  ", "a=b\nc=d\\\n", "  \\\n  a=b", "\\\n\\\n#c\na=b",
	"a=\\u0041", "a=\\u00e9\\u00E9", "\\u0061=b", "a\\u003db=c", "a\\u0020b=c", "a=\\u000a", "a=\\u0000",
	"a=\\ud83d\\ude00", "\\ud83d\\ude00=\\ud83d\\ude00x", "a=\\\\u0041", "a=\\\\\\u0041",
	"a=\\t\\n\\r\\f\\b\\a\\x\\0\\\"\\'", "a=\\q", "a=\\:", "a=\\=", "a=\\#", "a\\tb=c", "a\\nb=c", "\\=", "\\==", "\\ =",
	"a=caf\xe9", "caf\xe9=x", "a=caf\xc3\xa9", "\xef\xbb\xbfa=b", "\xef\xbb\xbf# comment\na=b", "\xff\xfea\x00=\x00b\x00",
	"a=\x85b", "a\xa0=b", "\x85a=b", "a=\x00b", "\x00=\x00", "a=\x1b\x7f", "a=\x0bb", "\x0ba=b", "a\x0bb=c",
	"a=${b}", "a=${a}", "a=${", "${x}=y", "a=${b}/${c:d}", "a=$b", "a=%s%n", "%d=%", "a=\"quoted\"", "a='b'", "a=b;c",
	"a=b,c\\,d", "include=x", "@a=b",
	"alluxio.underfs.address=hdfs://nn:9000/alluxio", "alluxio.underfs.address hdfs://nn:9000/alluxio",
	"alluxio.master.hostname: h", "fs.s3a.secret.key=a/b+c==", "C\\:\\\\path=C:\\path\\new",
}

// brokenDocuments throw in Java, or would if older versions did not read what the last line left in their buffer.
var brokenDocuments = []string{
	"a=\\u", "a=\\u1", "a=\\u12", "a=\\u123", "a=\\u123g", "a=\\uu0041", "a=\\u 041", "\\u=b", "\\u12=b", "\\u123 b",
	"ok=1\na=\\u12x4\nb=2", "a=\\u+041", "a=\\u-001", "a=\\U0041\nb=\\u00", "a=\\u00\\u0041", "a=\\u00\xe9\xe9",
}

func generatedDocuments(seed uint64, n int) [][]byte {
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := []string{"a", "b", "key", "=", ":", " ", "\t", "\f", "\n", "\r", "\r\n", "\\", "\\\\", "\\\n", "\\\r\n", "#",
		"!", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "\\n", "\\t", "\xe9", "\x00", "\x85", "${x}", "\v", "value", ".", "  ",
		"\\ "}
	documents := make([][]byte, n)
	for i := range documents {
		for range r.IntN(24) {
			documents[i] = append(documents[i], pieces[r.IntN(len(pieces))]...)
		}
	}
	return documents
}

// longDocuments cross the 8192 bytes that Java reads at once, with something delicate on the border.
func longDocuments() [][]byte {
	var documents [][]byte
	for _, delicate := range []string{"\r\n", "\\\r\n  ", "\\\n", "\\u0041", "\\\\", "\r", "#", "=", "\\\r\nb\\\r\n#c"} {
		for before := 8192 - len(delicate) - 1; before <= 8193; before++ {
			documents = append(documents, []byte("a="+strings.Repeat("x", before-2)+delicate+"b=c\n"))
			documents = append(documents, []byte("#"+strings.Repeat("x", before-1)+delicate+"b=c\n"))
		}
	}
	return documents
}

const seed = 20240607

func TestAlluxioSeesWhatJavaReadsFromTheSameBytes(t *testing.T) {
	t.Parallel()
	var documents [][]byte
	for _, d := range nastyDocuments {
		documents = append(documents, []byte(d))
	}
	documents = append(documents, longDocuments()...)
	documents = append(documents, generatedDocuments(seed, 4000)...)
	broken := len(documents)
	for _, d := range brokenDocuments {
		documents = append(documents, []byte(d))
	}
	sound := 0
	for i, java := range javaReads(t, documents) {
		got, problems := ParseProperties("site", documents[i])
		switch {
		case java == nil && len(problems) == 0:
			t.Errorf("seed %d: %q: java throws, we read %q", seed, documents[i], got)
		case i >= broken && len(problems) == 0:
			t.Errorf("%q: no problem for a broken escape; java reads %q", documents[i], java)
		case i < len(nastyDocuments) && len(problems) > 0:
			t.Errorf("%q: %v; java reads %q", documents[i], problems, java)
		case len(problems) == 0:
			sound++
			if !maps.Equal(asMap(got), java) {
				t.Errorf("seed %d: %q:\n  got  %q\n  java %q", seed, documents[i], asMap(got), java)
			}
		}
	}
	if sound < 3000 {
		t.Errorf("only %d of %d documents were sound: the generator proves little", sound, len(documents))
	}
}

func generatedProperties(seed uint64, n int) []Property {
	r := rand.New(rand.NewPCG(seed, 2))
	runes := []rune(" \t\n\r\f\v\\=:#!uab01${}%\"'é\u0085\u2028\ufeff\U0001F600\x00\x1f~\x7f")
	text := func() string {
		var out []rune
		for range r.IntN(10) {
			out = append(out, runes[r.IntN(len(runes))])
		}
		return string(out)
	}
	list := make([]Property, n)
	for i := range list {
		list[i] = Property{Key: text(), Value: text()}
	}
	return list
}

func TestJavaReadsBackExactlyWhatWeWrite(t *testing.T) {
	t.Parallel()
	list := generatedProperties(seed, 3000)
	for _, value := range []string{"", " ", "  two leading", "trailing  ", "#", "!", "=", ":", `C:\new`, "a\nb",
		"hdfs://nn:9000/a b", "é", "日本", "😀", "\ufeff", "${alluxio.home}/x", `\`, `\\`} {
		list = append(list, Property{Key: "key", Value: value}, Property{Key: value, Value: "value"})
	}
	var documents [][]byte
	for _, p := range list {
		documents = append(documents, []byte(FormatProperty(p)))
	}
	for chunk := range slices.Chunk(list, 50) {
		documents = append(documents, FormatProperties(chunk))
	}
	answers := javaReads(t, documents)
	for i, p := range list {
		if want := map[string]string{p.Key: p.Value}; !maps.Equal(answers[i], want) {
			t.Errorf("seed %d: %q was written as %s and read by java as %q", seed, want, documents[i], answers[i])
		}
	}
	i := len(list)
	for chunk := range slices.Chunk(list, 50) {
		if !maps.Equal(answers[i], asMap(chunk)) {
			t.Errorf("seed %d: %s read by java as %q", seed, documents[i], answers[i])
		}
		i++
	}
}
