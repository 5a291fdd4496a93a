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
)

// Template is a parsed --format go-template. Its names are those of the JSON.
type Template struct {
	parsed *template.Template
	source string
}

// ErrTemplate is what errors.Is finds where the template itself is wrong.
var ErrTemplate = errors.New("the template")

// ParseTemplate parses source. The error wraps ErrTemplate, and says line, column
// and the action that is wrong.
func ParseTemplate(source string) (*Template, error) {
	parsed, err := parseTemplate(source)
	if err != nil {
		return nil, located(source, err)
	}
	return &Template{parsed, source}, nil
}

func parseTemplate(source string) (*template.Template, error) {
	return template.New("template").Option("missingkey=error").Funcs(template.FuncMap{
		"json": toJSON, "join": join,
		"upper": func(s any) (string, error) { return cased(s, strings.ToUpper) },
		"lower": func(s any) (string, error) { return cased(s, strings.ToLower) },
	}).Parse(source)
}

// cased changes the case of a text, before anything in it is escaped.
func cased(v any, change func(string) string) (string, error) {
	switch s := v.(type) {
	case string:
		return change(s), nil
	case text:
		return text(change(string(s))).String(), nil
	}
	return "", fmt.Errorf("it takes a text, and not %v", v)
}

func toJSON(v any) (string, error) {
	raw, err := marshal(v)
	return string(raw), err
}

func join(separator string, list []any) string {
	var parts []string
	for _, item := range list {
		parts = append(parts, fmt.Sprint(item))
	}
	return strings.Join(parts, separator)
}

// Execute writes what the template makes of v, with the names that v has as JSON,
// and a line break. Control characters and what is not ASCII are escaped, and in
// what comes from v line breaks and what would be a command to a CI system; the
// function json escapes as JSON does. The error wraps ErrTemplate where the
// template asks for what is not there, is that of ctx, or that of w. A template that
// loops and prints ends with ctx, one that only loops does not.
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
	var out bytes.Buffer
	err = t.parsed.Execute(&cancellable{&out, ctx}, values(data))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return located(t.source, err)
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

// cancellable takes nothing more once ctx is done.
type cancellable struct {
	w   io.Writer
	ctx context.Context
}

func (c *cancellable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

var (
	errorPlace = regexp.MustCompile(`^template: template:(\d+)(?::(\d+))?: `)
	action     = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
)

// located says where in the source of a template an error is.
func located(source string, err error) error {
	text := err.Error()
	place := errorPlace.FindStringSubmatch(text)
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
	at, piece := len(source), ""
	for _, span := range action.FindAllStringIndex(source, -1) {
		if _, err := parseTemplate(source[:span[1]]); err != nil && !strings.Contains(err.Error(), "unexpected EOF") {
			at, piece = span[0], source[span[0]:span[1]]
			break
		}
	}
	if piece == "" {
		if open := strings.LastIndex(source, "{{"); open >= 0 && !strings.Contains(source[open:], "}}") {
			at, piece = open, source[open:]
		}
	}
	before := source[:at]
	line := strings.Count(before, "\n") + 1
	column := at - strings.LastIndexByte(before, '\n')
	if piece != "" {
		text = "<" + piece + ">: " + text
	}
	return fmt.Errorf("%w, line %d, column %d: %s", ErrTemplate, line, column, text)
}
