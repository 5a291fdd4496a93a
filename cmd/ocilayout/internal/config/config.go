// Package config reads what a team has settled about its layouts: a .ocilayout.yaml
// with severities and exceptions, and a baseline of findings that are there already.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"go.yaml.in/yaml/v3"
)

// FileName is the name of the configuration.
const FileName = ".ocilayout.yaml"

// maxSize is how many bytes a configuration may have. Nobody writes as many, and what
// the YAML decoder takes follows from it.
const maxSize = 256 << 10

// Config is what a configuration says. What it does not say is "" or nil.
type Config struct {
	Path       string // as it was given or found
	FailOn     string
	Profile    string
	Level      string
	Rules      []string // each "ID=SEVERITY", as --rule takes it
	Exceptions []Exception
}

// Exception is one with the line that it begins on.
type Exception struct {
	rule.Exception
	Line int
}

// Error says where a configuration or a baseline is wrong.
type Error struct {
	Path         string
	Line, Column int // from 1; 0 where only the file is known
	Message      string
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.Path, e.Message)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Message)
}

// Find returns the path of the configuration in dir, or else in the nearest directory
// above it, and "" where there is none. A layout is passed over, as it must not say by
// which rules it is to be checked.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(dir, FileName)
		switch info, err := os.Stat(file); {
		case err == nil && info.Mode().IsRegular() && !isLayout(dir):
			return file, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
			return "", err
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", nil
		}
		dir = above
	}
}

func isLayout(dir string) bool {
	for _, name := range []string{model.LayoutFile, model.IndexFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Load reads a configuration. A mistake in it is an *Error; one of the file system
// stays what it is.
func Load(path string) (*Config, error) {
	raw, err := read(path, maxSize)
	if err != nil {
		return nil, err
	}
	return Parse(path, raw)
}

// read reads a regular file, or a pipe, of at most limit bytes.
func read(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, &Error{Path: path, Message: fmt.Sprintf("it is larger than %d bytes", limit)}
	}
	return raw, nil
}

// Parse reads a configuration from memory. Path stands in its errors.
func Parse(path string, raw []byte) (*Config, error) {
	p := &parser{config: &Config{Path: path}}
	d := yaml.NewDecoder(strings.NewReader(string(raw)))
	var document, more yaml.Node
	err := d.Decode(&document)
	if errors.Is(err, io.EOF) {
		return p.config, nil // empty, or comments alone
	}
	if err == nil {
		if err := d.Decode(&more); err == nil {
			return nil, &Error{path, more.Line, more.Column, "there is a second document: a configuration is one"}
		} else if !errors.Is(err, io.EOF) {
			return nil, syntax(path, err)
		}
	} else {
		return nil, syntax(path, err)
	}
	if len(document.Content) == 1 && document.Content[0].Tag != "!!null" { // which is as empty
		p.root(document.Content[0])
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.config, nil
}

// syntax makes an Error of one of the YAML decoder: "yaml: line 2: did not find ...".
func syntax(path string, err error) *Error {
	e := &Error{Path: path, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	var line int
	if n, _ := fmt.Sscanf(e.Message, "line %d:", &line); n == 1 {
		_, rest, _ := strings.Cut(e.Message, ": ")
		e.Line, e.Message = line, rest
	}
	e.Message = "not YAML: " + e.Message
	return e
}

// parser turns nodes into a Config, and keeps the first mistake.
type parser struct {
	config *Config
	err    *Error
}

func (p *parser) fail(n *yaml.Node, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{p.config.Path, n.Line, n.Column, fmt.Sprintf(format, args...)}
	}
}

// A member is a key of a mapping, with what reads its value.
type member struct {
	name string
	read func(value *yaml.Node)
}

// mapping reads the members of a mapping. One that is not known, or stands twice, is a
// mistake.
func (p *parser) mapping(n *yaml.Node, what string, members ...member) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "%s is a mapping", what)
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(members, func(m member) bool { return m.name == key.Value })
		switch {
		case at < 0:
			var names []string
			for _, m := range members {
				names = append(names, m.name)
			}
			p.fail(key, "unknown key %q: %s has %s", key.Value, what, strings.Join(names, ", "))
		case seen[key.Value]:
			p.fail(key, "the key %q stands twice", key.Value)
		case value.Kind == yaml.AliasNode:
			p.fail(value, "aliases are not allowed")
		default:
			seen[key.Value] = true
			members[at].read(value)
		}
	}
}

// text reads a string. A number, a truth value or nothing is none.
func (p *parser) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!timestamp" || n.Value == "" {
		p.fail(n, "%s is a text", what)
		return ""
	}
	return n.Value
}

// choice reads one of some words.
func (p *parser) choice(n *yaml.Node, what string, words ...string) string {
	if n.Kind == yaml.ScalarNode && slices.Contains(words, n.Value) {
		return n.Value
	}
	p.fail(n, "%s is one of %s", what, strings.Join(words, ", "))
	return ""
}

func (p *parser) sequence(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		p.fail(n, "%s is a list", what)
		return nil
	}
	return n.Content
}

func (p *parser) root(n *yaml.Node) {
	c := p.config
	p.mapping(n, "a configuration",
		member{"fail-on", func(v *yaml.Node) { c.FailOn = p.choice(v, "fail-on", failOn()...) }},
		member{"profile", func(v *yaml.Node) {
			c.Profile = p.choice(v, "profile", rule.ProfileDefault.String(), rule.ProfileStrict.String(), rule.ProfileSchema.String())
		}},
		member{"level", func(v *yaml.Node) {
			c.Level = p.choice(v, "level", verify.LevelStructure.String(), verify.LevelDigest.String(), verify.LevelContent.String())
		}},
		member{"rules", p.rules},
		member{"exceptions", func(v *yaml.Node) {
			for _, e := range p.sequence(v, "exceptions") {
				p.exception(e)
			}
		}})
}

// failOn are the words of --fail-on.
func failOn() []string { return append(severities(rule.Info), "never") }

// severities are the words for those from the least one up, the worst first.
func severities(least rule.Severity) (words []string) {
	for s := rule.Error; s >= least; s-- {
		words = append(words, s.String())
	}
	return words
}

// rules reads a mapping of ids to severities.
func (p *parser) rules(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "rules is a mapping of rules to severities")
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !p.known(key) {
			return
		}
		if seen[key.Value] {
			p.fail(key, "the key %q stands twice", key.Value)
		}
		seen[key.Value] = true
		p.config.Rules = append(p.config.Rules, key.Value+"="+p.choice(value, "the severity of a rule", severities(rule.Ignore)...))
	}
}

// known says whether a node names a rule.
func (p *parser) known(n *yaml.Node) bool {
	if _, ok := rule.Lookup(rule.ID(n.Value)); ok && n.Kind == yaml.ScalarNode {
		return true
	}
	p.fail(n, "there is no rule %q: ocilayout rules lists them", n.Value)
	return false
}

func (p *parser) exception(n *yaml.Node) {
	e := Exception{Line: n.Line}
	p.mapping(n, "an exception",
		member{"rule", func(v *yaml.Node) {
			if p.known(v) {
				e.Rule = rule.ID(v.Value)
			}
		}},
		member{"layouts", func(v *yaml.Node) {
			for _, pattern := range p.sequence(v, "layouts") {
				e.Layouts = append(e.Layouts, p.text(pattern, "a pattern for layouts"))
			}
			if len(e.Layouts) == 0 {
				p.fail(v, "layouts lists at least one pattern; without it, all layouts fit")
			}
		}},
		member{"digest", func(v *yaml.Node) {
			e.Digest = p.text(v, "digest")
			if _, err := model.ParseDigest(e.Digest); err != nil {
				p.fail(v, "%q is not a digest", e.Digest)
			}
		}},
		member{"path", func(v *yaml.Node) { e.Path = p.text(v, "path") }},
		member{"pointer", func(v *yaml.Node) { e.Pointer = p.text(v, "pointer") }},
		member{"reason", func(v *yaml.Node) { e.Reason = p.text(v, "reason") }},
		member{"until", func(v *yaml.Node) {
			day, err := time.ParseInLocation(time.DateOnly, v.Value, time.Local)
			if err != nil || v.Kind != yaml.ScalarNode {
				p.fail(v, "until is a day, as 2027-06-30")
			}
			e.Until = day
		}})
	if p.err != nil {
		return
	}
	if err := e.Check(); err != nil {
		p.fail(n, "%v", err)
		return
	}
	p.config.Exceptions = append(p.config.Exceptions, e)
}
