package stack

import (
	"archive/tar"
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestGenerateIsRepeatable(t *testing.T) {
	different := make(map[string]bool)
	for n := range uint64(200) {
		s := Generate(1, n)
		if again := Generate(1, n); !reflect.DeepEqual(s, again) {
			t.Fatalf("stack %d is another one the second time:\n%v%v", n, s, again)
		}
		different[s.String()] = true
	}
	if len(different) < 190 {
		t.Errorf("of 200 stacks %d differ", len(different))
	}
}

func TestParse(t *testing.T) {
	for n := range uint64(500) {
		s := Generate(2, n)
		text := s.String()
		if strings.Contains(text, "…") {
			continue
		}
		parsed, err := Parse(text)
		if err != nil || parsed.String() != text {
			t.Fatalf("%v, parsed as\n%v\nfrom\n%v", err, parsed, text)
		}
	}
	for _, text := range []string{"  file a\n", "layer 1\n", "layer 0\n  thing a\n", "layer 0\n  file\n", "layer 0\n  file a form none\n", "layer 0\n  file a mode x\n"} {
		if s, err := Parse(text); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
}

// What a form writes for a plain file, Go reads as that file, but where the form
// is about something else.
func TestForms(t *testing.T) {
	other := map[Form]bool{
		"pax-malformed": true, "pax-path-nul": true, "sum-wrong": true, // not read at all
		"long-then-pax": true, "pax-then-long": true, // of the two names Go takes the long one
		"gnu-prefix": true, "v7-prefix": true, "ustarx-prefix": true, "slash": true, "nul-slash": true, "contiguous": true,
		"size": true, "size-content": true, "pax-size-less": true, "pax-size-more": true, "global-size": true,
		"sparse-old": true, "sparse-0.1": true, "sparse-1.0": true,
	}
	for _, form := range append(Forms(), "") {
		e := New(tar.TypeReg, "a/b")
		e.Content, e.Form, e.Alt = "content", form, "alt"
		r := tar.NewReader(bytes.NewReader(Layer{e}.Bytes()))
		h, err := r.Next()
		for err == nil && h.Typeflag == tar.TypeXGlobalHeader {
			h, err = r.Next()
		}
		if other[form] {
			continue
		}
		if err != nil {
			t.Errorf("form %q: %v", form, err)
			continue
		}
		raw, err := io.ReadAll(r)
		if err != nil || h.Name != "a/b" || string(raw) != "content" || h.Typeflag != tar.TypeReg {
			t.Errorf("form %q: %q %q %v: %v", form, h.Name, raw, h.Typeflag, err)
		}
	}
}

func TestShrink(t *testing.T) {
	s := Generate(1, 12)
	bad := New(tar.TypeFifo, "x/y")
	bad.Mode = 0o4755
	s[len(s)-1] = append(s[len(s)-1], bad)
	small := Shrink(s, 1000, func(s Stack) bool {
		for _, l := range s {
			for _, e := range l {
				if e.Type == tar.TypeFifo {
					return true
				}
			}
		}
		return false
	})
	if len(small) != 1 || len(small[0]) != 1 || small[0][0].Mode != 0o644 {
		t.Errorf("not shrunk far enough:\n%v", small)
	}
}
