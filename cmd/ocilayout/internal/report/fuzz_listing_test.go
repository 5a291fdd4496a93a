package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// lists writes a text in each way in which listings do.
var lists = map[string]func(t *testing.T, out *bytes.Buffer, s string, width int) error{
	"table": func(t *testing.T, out *bytes.Buffer, s string, width int) error {
		table := NewTable(out, width, Column{Flexible: true}, Column{Right: true, Short: ShortDigest}, Column{Header: "TYPE", Flexible: true, Short: ShortMediaType}, Column{Short: ShortTime})
		table.Row(Value(s), Value(s), Value(s), Value(s))
		table.Row(Value("sha256:"+s), Value(s), Value("application/vnd."+s), Value(s))
		return table.Flush()
	},
	"dot":     func(t *testing.T, out *bytes.Buffer, s string, _ int) error { return diagrammed(NewDOT(out), s) },
	"mermaid": func(t *testing.T, out *bytes.Buffer, s string, _ int) error { return diagrammed(NewMermaid(out), s) },
	"template": func(t *testing.T, out *bytes.Buffer, s string, _ int) error {
		parsed, err := ParseTemplate(`{{printf "is %s" .s}} {{range $i, $x := .list}}{{$x}}{{end}} {{.s | lower}}
{{.s}}
{{print .s}}, {{html .s}}
{{json .s}}{{range $k, $v := .}}
{{$k}}{{end}}`)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Execute(t.Context(), out, map[string]any{"s": s, "list": []string{s}, "k" + s: 1})
	},
	"list": func(t *testing.T, out *bytes.Buffer, s string, _ int) error {
		if err := JSONList(out, map[string]string{"head": s}, "items", slices.Values([]string{s, s})); err != nil {
			return err
		}
		var back struct {
			Head  string
			Items []string
		}
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Head != asJSON(s) || len(back.Items) != 2 || back.Items[1] != asJSON(s) {
			t.Errorf("%q reads as %+v, %v", s, back, err)
		}
		return nil
	},
	"terminal": func(_ *testing.T, out *bytes.Buffer, s string, width int) error {
		w := Terminal(out)
		for part := range slices.Chunk([]byte("-"+s), 1+width%7) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	},
	"broken": func(_ *testing.T, out *bytes.Buffer, s string, width int) error {
		out.WriteString(broken("    it is "+Text(s), width))
		return nil
	},
}

func diagrammed(d *Diagram, s string) error {
	d.Node(1, []string{s, s}, false)
	d.Node(2, []string{s}, true)
	d.Arrow(1, 2, s, true)
	d.Arrow(2, 1, s, false)
	return d.End()
}

// FuzzListing has any text in tables, diagrams and what templates make: it stays
// within its cell, its label and its line.
func FuzzListing(f *testing.F) {
	for i, s := range slices.Concat(hostile, strange, hostileTexts) {
		for range lists {
			f.Add(uint8(i), uint8(i*5), s)
			i++
		}
	}
	names := slices.Sorted(maps.Keys(lists))
	f.Fuzz(func(t *testing.T, which, width uint8, s string) {
		name := names[int(which)%len(names)]
		var out bytes.Buffer
		if err := lists[name](t, &out, s, int(width)); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSuffix(out.String(), "\n")
		lines := strings.Split(text, "\n")
		for _, line := range lines {
			if name == "terminal" { // what somebody wants to read as it is
				shown(t, strings.NewReplacer("\t", "", "#", "").Replace(line), 1<<20)
				continue
			}
			lineOf(t, line)
		}
		want := map[string]int{"table": 3, "dot": 8, "mermaid": 6}[name]
		if want > 0 && len(lines) != want {
			t.Errorf("%d lines, not %d: %s", len(lines), want, text)
		}
		for i, line := range lines {
			switch {
			case name == "dot" && i >= 3 && i < 7 && !dotLine.MatchString(line), name == "mermaid" && i > 0 && !mLine.MatchString(line):
				t.Errorf("line %d: %s", i, line)
			case name == "table" && width > 80 && len(line) > int(width) && len(Value(s)) < 16:
				t.Errorf("%d bytes in %s", len(line), line)
			}
		}
	})
}
