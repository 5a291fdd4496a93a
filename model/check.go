package model

import (
	"iter"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// checker carries a validation through a document: where it is, and where its
// problems go. Once the consumer has had enough, it reports nothing more.
type checker struct {
	path  []string // reference tokens of the pointer, escaped
	yield func(Problem) bool
	done  bool
}

// validation turns a validate method into the sequence that callers see.
func validation(validate func(*checker)) iter.Seq[Problem] {
	return func(yield func(Problem) bool) {
		validate(&checker{yield: yield})
	}
}

func (c *checker) report(id rule.ID, member, message, expected, actual string) {
	if c.done {
		return
	}
	p := Problem{Rule: id, Pointer: c.pointer(member), Message: message, Expected: expected, Actual: actual}
	c.done = !c.yield(p)
}

func (c *checker) pointer(member string) string {
	var b strings.Builder
	for _, token := range c.path {
		b.WriteByte('/')
		b.WriteString(token)
	}
	if member != "" {
		b.WriteByte('/')
		b.WriteString(escapeToken(member))
	}
	return b.String()
}

// in runs check one member further down.
func (c *checker) in(member string, check func()) {
	c.path = append(c.path, escapeToken(member))
	check()
	c.path = c.path[:len(c.path)-1]
}

// each runs check for each of n elements of the array that member is.
func (c *checker) each(member string, n int, check func(i int)) {
	c.in(member, func() {
		for i := 0; i < n && !c.done; i++ {
			c.in(strconv.Itoa(i), func() { check(i) })
		}
	})
}

// required reports a member that is missing; empty says that the field holds no
// value.
func (c *checker) required(m *Members, id rule.ID, what, member string, empty bool) {
	if m.absent(member, empty) {
		c.report(id, member, what+" needs the member "+member, member, "")
	}
}

// mediaType reports a media type that breaks the grammar. An absent one is not
// its business.
func (c *checker) mediaType(m *Members, member, value string) {
	if value == "" && (!m.Has(member) || m.Wrong(member)) {
		return
	}
	if !ValidMediaType(value) {
		c.report(rule.MediaTypeGrammar, member, "the value is no media type", "type/subtype", clip(value))
	}
}

func (c *checker) digest(member, value string) {
	if _, err := ParseDigest(value); err != nil {
		c.report(rule.DigestGrammar, member, err.Error(), "", clip(value))
	}
}

// schemaVersion holds the member against 2, the only version there is.
func (c *checker) schemaVersion(m *Members, missing rule.ID, what string, value int64) {
	c.required(m, missing, what, "schemaVersion", value == 0)
	if m.absent("schemaVersion", value == 0) || m.Wrong("schemaVersion") || value == 0 && !m.Has("schemaVersion") {
		return
	}
	if value != 2 {
		c.report(rule.SchemaVersion, "schemaVersion", "the schema version is not 2", "2", strconv.FormatInt(value, 10))
	}
}

// escapeToken writes a member name as a reference token of RFC 6901.
func escapeToken(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// Pointer returns the RFC 6901 pointer of the given reference tokens, which are
// member names and array indexes as they stand.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteByte('/')
		b.WriteString(escapeToken(token))
	}
	return b.String()
}
