package launch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// noise is n bytes that cannot be compressed, the same in every run.
func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data) // never fails
	return data
}

// siteFile is the properties of a site file of SiteSize whose lines are as line says.
func siteFile(path string, line func(number int) (key, value string)) []config.Property {
	var site []config.Property
	for size, number := 0, 1; ; number++ {
		key, value := line(number)
		if size += len(key) + len(value) + 2; size > int(SiteSize) {
			return site
		}
		site = append(site, config.Property{Key: key, Value: value,
			Source: fmt.Sprintf("%s/%s:%d", path, config.SiteFile, number)})
	}
}

func TestASiteFileOf100KBTravelsWhateverIsInItAndWhereverItIs(t *testing.T) {
	t.Parallel()
	path := "/" + strings.Repeat("a long folder/", 250)
	random := noise(int(SiteSize))
	latin1 := make([]rune, len(random)/2)
	for i := range latin1 {
		latin1[i] = 0x80 + rune(random[i]&0x7f)
	}
	for sentence, line := range map[string]func(int) (string, string){
		"usual lines":     func(n int) (string, string) { return fmt.Sprintf("alluxio.some.property.%d", n), "a value" },
		"short lines":     func(n int) (string, string) { return fmt.Sprint(n), "" },
		"escapes of JSON": func(n int) (string, string) { return fmt.Sprint(n), strings.Repeat("\x01\"\\<&\u2028", 100) },
		"one long line":   func(int) (string, string) { return "k", string(latin1[:int(SiteSize)/2-8]) },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := example()
			s.Site = siteFile(path, line)
			if len(s.Site) == 0 {
				t.Fatal("no property fits")
			}
			data, err := s.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := Decode(data)
			if err != nil || !reflect.DeepEqual(again, s) {
				t.Errorf("after the journey it is another one: %v", err)
			}
		})
	}
}

// oldSpec is what an executor of the first release decodes.
type oldSpec struct {
	Version int               `json:"version"`
	Site    []config.Property `json:"site"`
	Files   []config.File     `json:"files"`
}

func TestAnOlderExecutorDecodesWhatItAlwaysCould(t *testing.T) {
	t.Parallel()
	s := example()
	s.Site = []config.Property{
		{Key: "a", Value: "1", Source: "/etc/x/alluxio-site.properties:1"},
		{Key: "b", Value: "2", Source: config.Flag},
		{Key: "c", Value: "3", Source: "/etc/y/alluxio-site.properties:2"},
	}
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var old oldSpec
	if err := json.Unmarshal(data, &old); err != nil {
		t.Fatal(err)
	}
	want := []config.Property{{Key: "a", Value: "1", Source: "alluxio-site.properties:1"}, s.Site[1], s.Site[2]}
	if old.Version != 1 || !reflect.DeepEqual(old.Site, want) || !reflect.DeepEqual(old.Files, s.Files) {
		t.Errorf("it decodes %+v", old)
	}
	if again, err := Decode(data); err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%v: %+v", err, again)
	}
	// What it could not have been given is refused by its version.
	s.Files[0].Data = bytes.Repeat([]byte("x"), MaxSize)
	if data, err = s.Encode(); err != nil {
		t.Fatal(err)
	}
	old = oldSpec{}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&old); err != nil || old.Version != 2 {
		t.Errorf("version %d, %v", old.Version, err)
	}
}

func TestAConfigurationThatIsTooLargeIsRefusedWithBothLimits(t *testing.T) {
	t.Parallel()
	s := example()
	s.Site = []config.Property{{Key: "key", Value: "value"}}
	for _, data := range [][]byte{noise(MaxSize), bytes.Repeat([]byte("x"), maxUnpacked)} {
		s.Files[0].Data = data
		_, err := s.Encode()
		if !errors.Is(err, ErrTooLarge) {
			t.Fatalf("%v", err)
		}
		for _, part := range []string{"of at most 262144", "100KB always fit", "the site file has 10 bytes",
			fmt.Sprint(len(data)), "shorten the site file"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q lacks %q", err, part)
			}
		}
	}
}

func TestAContentThatUnpacksWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	data := bytes.NewBufferString(`{"version":2,"role":"alluxio-worker"}`)
	zip := gzip.NewWriter(data)
	_, err := zip.Write(bytes.Repeat([]byte(" "), maxUnpacked+1))
	if err = errors.Join(err, zip.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(data.Bytes()); err == nil || !strings.Contains(err.Error(), "more than 4194304 bytes") {
		t.Errorf("%v", err)
	}
}
