package report_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

type thing struct {
	Name string   `json:"name"`
	Size int64    `json:"size"`
	List []string `json:"list"`
}

func TestTemplate(t *testing.T) {
	v := thing{"a\x1b\u202eb", 1 << 40, []string{"x", "y"}}
	for source, want := range map[string]string{
		"":                                     "\n",
		"{{.size}}":                            "1099511627776\n",
		"{{if gt .size 5}}big{{end}}":          "big\n",
		`{{join ", " .list | upper}}`:          "X, Y\n",
		"{{range .list}}{{.}};{{else}}{{end}}": "x;y;\n",
		"{{json .list}}":                       `["x","y"]` + "\n",
		"{{.name}}":                            `a\x1b\u202eb` + "\n",
		"{{json .name}}":                       `"a\u001b\u202eb"` + "\n",
		`{{printf "%s-%d" "A" 1 | lower}}`:     "a-1\n",
	} {
		parsed, err := report.ParseTemplate(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		var b strings.Builder
		if err := parsed.Execute(context.Background(), &b, v); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v; want %q", source, b.String(), err, want)
		}
	}
}

// What comes from a layout stays within its line, and is no command there; what a
// template itself says may be one.
func TestTemplateHostile(t *testing.T) {
	v := map[string]any{"a": "x\n::error::y", "b": "::error::z", "c": " ::e", "d": "##[error]", "e": "x\r\ty", "f\n::g": 1}
	for source, want := range map[string]string{
		"{{.a}}":                             `x\n::error::y`,
		"{{.b}}":                             `\x3a:error::z`,
		"{{.c | upper}}":                     ` \x3a:E`,
		"{{print .d}}":                       `#\x23[error]`,
		`{{printf "%s" .e}}`:                 `x\r\ty`,
		`{{json .a}}`:                        `"x\n::error::y"`,
		"{{range $k, $v := .}}{{$k}}{{end}}": `abcdef\n::g`,
		`{{if eq .b "::error::z"}}same{{end}}{{len .b}}`: "same10",
		"::notice::{{.a}}\n-":                            "::notice::x\\n::error::y\n-",
	} {
		parsed, err := report.ParseTemplate(source)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := parsed.Execute(t.Context(), &b, v); err != nil || b.String() != want+"\n" {
			t.Errorf("%s: %q, %v; want %q", source, b.String(), err, want)
		}
	}
}

// A mistake is shown with its place.
func TestTemplateMistakes(t *testing.T) {
	for source, want := range map[string]string{
		"{{.nope}}":                     "line 1, column 3: <.nope>",
		"a\n {{upper .size}}":           "line 2, column 4: <upper .size>",
		"{{foo}}":                       "line 1, column 1: <{{foo}}>",
		"{{.name}}\nxy{{range}}{{end}}": "line 2, column 3: <{{range}}>",
		"{{.name":                       "line 1, column 1: <{{.name>",
		"{{if .name}}\nx":               "line 2, column 2: ",
		`{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`: "depth",
	} {
		parsed, err := report.ParseTemplate(source)
		if err == nil {
			err = parsed.Execute(context.Background(), &strings.Builder{}, thing{})
		}
		if !errors.Is(err, report.ErrTemplate) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

func TestTemplateCancelled(t *testing.T) {
	parsed, err := report.ParseTemplate("{{range 9000000000}}x{{end}}")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := parsed.Execute(ctx, &strings.Builder{}, thing{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
