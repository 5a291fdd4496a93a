package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// What one template may do.
const (
	mostSteps  = 1_000_000
	mostText   = 4 << 20  // bytes of one value that it makes
	mostOutput = 64 << 20 // bytes that it writes
)

// Template is a parsed --format go-template. Its names are those of the JSON.
type Template struct {
	parsed *template.Template
	source string
	ctx    context.Context
	steps  int
}

// ErrTemplate is what errors.Is finds where the template itself is wrong.
var ErrTemplate = errors.New("the template")

// ParseTemplate parses source. The error wraps ErrTemplate, and says line, column
// and the action that is wrong.
func ParseTemplate(source string) (*Template, error) {
	t := &Template{source: source}
	parsed, err := t.parse(source)
	if err != nil {
		return nil, t.located(err)
	}
	t.parsed = parsed
	counter := template.Must(template.New("step").Funcs(t.functions()).Parse("{{step}}")).Root.Nodes[0]
	for _, part := range parsed.Templates() {
		if part.Tree != nil {
			count(part.Root, counter)
			part.Root.Nodes = append([]parse.Node{counter}, part.Root.Nodes...)
		}
	}
	return t, nil
}

func (t *Template) parse(source string) (*template.Template, error) {
	return template.New("template").Option("missingkey=error").Funcs(t.functions()).Parse(source)
}

// count has every turn of a loop call step, which ends those that do not end by
// themselves.
func count(node parse.Node, step parse.Node) {
	each := func(branch *parse.BranchNode) {
		count(branch.List, step)
		if branch.ElseList != nil {
			count(branch.ElseList, step)
		}
	}
	switch node := node.(type) {
	case *parse.ListNode:
		for _, child := range node.Nodes {
			count(child, step)
		}
	case *parse.IfNode:
		each(&node.BranchNode)
	case *parse.WithNode:
		each(&node.BranchNode)
	case *parse.RangeNode:
		each(&node.BranchNode)
		node.List.Nodes = append([]parse.Node{step}, node.List.Nodes...)
	}
}

// functions are those of the template. The ones of text/template that make text
// are held to a size too: a loop that doubles a text would fill the memory.
func (t *Template) functions() template.FuncMap {
	bounded := func(make func(...any) string) func(...any) (string, error) {
		return func(args ...any) (string, error) { return short(make(args...)) }
	}
	return template.FuncMap{
		"step": t.step, "json": toJSON, "join": join,
		"upper": func(s any) (string, error) { return cased(s, strings.ToUpper) },
		"lower": func(s any) (string, error) { return cased(s, strings.ToLower) },
		"print": bounded(fmt.Sprint), "println": bounded(fmt.Sprintln), "html": bounded(template.HTMLEscaper),
		"js": bounded(template.JSEscaper), "urlquery": bounded(template.URLQueryEscaper),
		"printf": func(format string, args ...any) (string, error) { return short(fmt.Sprintf(format, args...)) },
	}
}

func (t *Template) step() (string, error) {
	if t.steps++; t.steps > mostSteps {
		return "", fmt.Errorf("it takes more than %d steps", mostSteps)
	}
	return "", t.ctx.Err()
}

func short(s string) (string, error) {
	if len(s) > mostText {
		return "", fmt.Errorf("it makes a text of more than %d bytes", mostText)
	}
	return s, nil
}

// cased changes the case of a text, before anything in it is escaped.
func cased(v any, change func(string) string) (string, error) {
	switch s := v.(type) {
	case string:
		return short(change(s))
	case text:
		return short(text(change(string(s))).String())
	}
	return "", fmt.Errorf("it takes a text, and not %v", v)
}

func toJSON(v any) (string, error) {
	raw, err := marshal(v)
	if err != nil {
		return "", err
	}
	return short(string(raw))
}

func join(separator string, list []any) (string, error) {
	var b strings.Builder
	for i, item := range list {
		if i > 0 {
			b.WriteString(separator)
		}
		fmt.Fprint(&b, item)
		if b.Len() > mostText {
			break
		}
	}
	return short(b.String())
}

// Execute writes what the template makes of v, with the names that v has as JSON,
// and a line break. Control characters and what is not ASCII are escaped, and in
// what comes from v line breaks and what would be a command to a CI system; the
// function json escapes as JSON does. The error wraps ErrTemplate where the
// template asks for what is not there, is that of ctx, or that of w. Not safe for
// concurrent use.
func (t *Template) Execute(ctx context.Context, w io.Writer, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		return err
	}
	t.ctx, t.steps = ctx, 0
	var out bytes.Buffer
	err = t.parsed.Execute(&limited{w: &out, ctx: ctx}, values(data))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return t.located(err)
	}
	out.WriteByte('\n')
	_, err = Terminal(w).Write(out.Bytes())
	return err
}

// values makes integers of what JSON has, so that a template can compare them,
// and texts of strings.
func values(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Collect(maps.Keys(v)) {
			value := values(v[name])
			delete(v, name)
			v[text(name).String()] = value
		}
		return v
	case []any:
		for i, value := range v {
			v[i] = values(value)
		}
		return v
	case string:
		return text(v)
	case json.Number:
		n, err := v.Int64()
		if err == nil {
			return int(n)
		}
	}
	return v
}

// text is a string that a template did not make: where it is printed, it begins no
// line of its own, and no command to a CI system.
type text string

var breaks = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`)

// String returns the text as it is printed.
func (s text) String() string {
	shown := hashes(breaks.Replace(string(s)))
	if rest := strings.TrimLeft(shown, " "); strings.HasPrefix(rest, ":") {
		return shown[:len(shown)-len(rest)] + `\x3a` + rest[1:]
	}
	return shown
}

// limited takes no more than mostOutput bytes.
type limited struct {
	w   io.Writer
	ctx context.Context
	n   int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.n += len(p); l.n > mostOutput {
		return 0, fmt.Errorf("it writes more than %d bytes", mostOutput)
	}
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.w.Write(p)
}

var (
	errorPlace = regexp.MustCompile(`^template: template:(\d+)(?::(\d+))?: `)
	action     = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
)

// located says where in the template an error is.
func (t *Template) located(err error) error {
	text := err.Error()
	place := errorPlace.FindStringSubmatch(text)
	if _, why, stopped := strings.Cut(text, "error calling step: "); stopped {
		return fmt.Errorf("%w: %s", ErrTemplate, why)
	}
	if place == nil {
		return fmt.Errorf("%w: %s", ErrTemplate, strings.TrimPrefix(text, "template: "))
	}
	text = strings.TrimPrefix(text, place[0])
	if place[2] != "" {
		column, _ := strconv.Atoi(place[2])
		return fmt.Errorf("%w, line %s, column %d: %s", ErrTemplate, place[1], column+1, strings.TrimPrefix(text, `executing "template" at `))
	}
	// A parse error knows the line alone. The action that is wrong is the first
	// with which the template up to there fails otherwise than by not being whole.
	at, piece := len(t.source), ""
	for _, span := range action.FindAllStringIndex(t.source, -1) {
		if _, err := t.parse(t.source[:span[1]]); err != nil && !strings.Contains(err.Error(), "unexpected EOF") {
			at, piece = span[0], t.source[span[0]:span[1]]
			break
		}
	}
	if piece == "" {
		if open := strings.LastIndex(t.source, "{{"); open >= 0 && !strings.Contains(t.source[open:], "}}") {
			at, piece = open, t.source[open:]
		}
	}
	before := t.source[:at]
	line := strings.Count(before, "\n") + 1
	column := at - strings.LastIndexByte(before, '\n')
	if piece != "" {
		text = "<" + piece + ">: " + text
	}
	return fmt.Errorf("%w, line %d, column %d: %s", ErrTemplate, line, column, text)
}
