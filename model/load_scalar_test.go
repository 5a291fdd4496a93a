package model_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestLoadIntegers(t *testing.T) {
	tests := []struct {
		literal string
		value   int64
		want    string
	}{
		{"0", 0, ``},
		{"-0", 0, ``},
		{"-1", -1, ``},
		{"9007199254740991", 1<<53 - 1, ``},
		{"-9007199254740991", -1<<53 + 1, ``},
		{"9007199254740992", 1 << 53, `json-number-range /size`},
		{"9007199254740993", 1<<53 + 1, `json-number-range /size`},
		{"-9007199254740992", -1 << 53, `json-number-range /size`},
		{"9223372036854775807", math.MaxInt64, `json-number-range /size`},
		{"-9223372036854775808", math.MinInt64, `json-number-range /size`},
		{"9223372036854775808", 0, `json-integer /size`},
		{"-9223372036854775809", 0, `json-integer /size`},
		{"18446744073709551616", 0, `json-integer /size`},
		{"1.0", 0, `json-integer /size`},
		{"0.0", 0, `json-integer /size`},
		{"-0.0", 0, `json-integer /size`},
		{"1e3", 0, `json-integer /size`},
		{"1E3", 0, `json-integer /size`},
		{"0e0", 0, `json-integer /size`},
		{"10e-1", 0, `json-integer /size`},
		{"1.5", 0, `json-integer /size`},
		{"1e999999999", 0, `json-integer /size`},
		{strings.Repeat("9", 5000), 0, `json-integer /size`},
	}
	for _, test := range tests {
		t.Run(test.literal[:min(20, len(test.literal))], func(t *testing.T) {
			d, problems := model.LoadDescriptor([]byte(`{"size":` + test.literal + `,"mediaType":"a/b"}`))
			wantPlaces(t, problems, test.want)
			if d.Size != test.value || d.MediaType != "a/b" {
				t.Errorf("loaded %d and %q, want %d and what follows", d.Size, d.MediaType, test.value)
			}
		})
	}
}

// What a problem quotes is bounded, and is never cut within a character.
func TestProblemBounded(t *testing.T) {
	long := strings.Repeat("9", 1<<20)
	wide := strings.Repeat("ä", 1<<19)
	for name, text := range map[string]string{
		"digits":       `{"size":` + long + `}`,
		"base64":       `{"data":"` + long + `!"}`,
		"base64, wide": `{"data":"` + wide + `"}`,
		"trailing":     `{} ` + wide,
		"duplicate":    `{"` + wide + `":1,"` + wide + `":2}`,
		"utf8":         `{"x":"` + wide + "\xff\"}",
		"surrogate":    `{"x":"` + wide + `\ud800"}`,
		"syntax":       `{"x":"` + wide + `\x"}`,
		"literal":      `{"x":` + strings.Repeat("t", 1<<20) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := model.LoadDescriptor([]byte(text))
			if len(problems) != 1 {
				t.Fatalf("%d problems, want 1", len(problems))
			}
			p := problems[0]
			if n := len(p.Message) + len(p.Expected) + len(p.Actual); n > 500 {
				t.Errorf("message, expected and actual have %d bytes", n)
			}
			if s := p.Message + p.Actual; strings.ToValidUTF8(s, "") != s {
				t.Errorf("%q and %q: a character was cut", p.Message, p.Actual)
			}
		})
	}
}

func TestLoadBase64(t *testing.T) {
	tests := []struct{ name, text, data, want string }{
		{"empty", ``, "", ``},
		{"one padding", `e30=`, "{}", ``},
		{"two paddings", `eA==`, "x", ``},
		{"no padding needed", `e30K`, "{}\n", ``},
		{"whole alphabet", `+/+/`, "\xfb\xff\xbf", ``},
		{"escaped slash", `+\/+\/`, "\xfb\xff\xbf", ``},
		{"escaped letters", `\u0065\u00330=`, "{}", ``},
		{"padding missing", `e30`, "", `data-base64 /data`},
		{"padding too long", `e30==`, "", `data-base64 /data`},
		{"padding alone", `====`, "", `data-base64 /data`},
		{"bits in the padding", `e31=`, "", `data-base64 /data`},
		{"bits in two paddings", `eB==`, "", `data-base64 /data`},
		{"URL alphabet", `-_-_`, "", `data-base64 /data`},
		{"line feed", `e30=\n`, "", `data-base64 /data`},
		{"line feed within", `e3\n0=`, "", `data-base64 /data`},
		{"carriage return", `\re30=`, "", `data-base64 /data`},
		{"blank", `e30= `, "", `data-base64 /data`},
		{"letter of no alphabet", `e3ä=`, "", `data-base64 /data`},
		{"text after the padding", `e30=e30=`, "", `data-base64 /data`},
		{"one character", `e`, "", `data-base64 /data`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, problems := model.LoadDescriptor([]byte(`{"data":"` + test.text + `","size":2}`))
			wantPlaces(t, problems, test.want)
			if string(d.Data) != test.data || (d.Data == nil) != (test.want != "") || d.Size != 2 {
				t.Errorf("loaded %q (nil: %t), want %q", d.Data, d.Data == nil, test.data)
			}
		})
	}
}
