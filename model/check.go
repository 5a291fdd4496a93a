package model

import (
	"iter"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// What registries accept as a manifest or index: distribution-spec asks for 4
// megabytes, and many have cut at 4 MiB since before it did.
const (
	registryPromise = 4_000_000
	registryLimit   = 4 << 20
)

// longMediaType is the most characters that RFC 6838 section 4.2 advises for
// each of the two names.
const longMediaType = 64

// checker carries a validation through a document: where it is, and where its
// problems go. Once the consumer has had enough, it reports nothing more.
type checker struct {
	as    As
	path  []string // reference tokens of the pointer, escaped
	yield func(Problem) bool
	done  bool
}

// validation turns a validate method into the sequence that callers see.
func validation(as As, validate func(*checker)) iter.Seq[Problem] {
	return func(yield func(Problem) bool) {
		validate(&checker{as: as, yield: yield})
	}
}

func (c *checker) report(id rule.ID, member, message, expected, actual string) {
	if c.done {
		return
	}
	p := Problem{Rule: id, Pointer: c.pointer(member), Message: message, Expected: expected, Actual: actual}
	c.done = !c.yield(p)
}

// reportKey reports what is wrong with a key of a map, which unlike a member may
// be empty.
func (c *checker) reportKey(id rule.ID, key, message, expected, actual string) {
	c.in(key, func() { c.report(id, "", message, expected, actual) })
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
		return
	}
	main, sub, _ := strings.Cut(value, "/")
	if len(main) > longMediaType || len(sub) > longMediaType {
		c.report(rule.MediaTypeLong, member, "the media type has a name of more than 64 characters", "", clip(value))
	}
	if known := caseVariant(value); known != "" {
		c.report(rule.MediaTypeCase, member, "the media type differs by letter case from a known one, and most tools will not know it", known, clip(value))
	}
}

// digest judges a digest, and says whether it is one.
func (c *checker) digest(member, value string) bool {
	_, err := ParseDigest(value)
	if err == nil {
		return true
	}
	id := rule.DigestGrammar
	if algorithm, encoded, ok := strings.Cut(value, ":"); ok && ValidAlgorithm(algorithm) && ValidEncoded(encoded) {
		id = rule.DigestEncoding
	}
	c.report(id, member, err.Error(), "", clip(value))
	return false
}

// size reports a document that registries may refuse for its length.
func (c *checker) size(raw []byte) {
	switch n := len(raw); {
	case c.as.IndexJSON: // which is never pushed
	case n > registryLimit:
		c.report(rule.DocumentTooLarge, "", "many registries refuse a document of this length", "at most "+strconv.Itoa(registryLimit)+" bytes", strconv.Itoa(n)+" bytes")
	case n > registryPromise:
		c.report(rule.DocumentLarge, "", "some registries refuse a document of this length", "at most "+strconv.Itoa(registryPromise)+" bytes", strconv.Itoa(n)+" bytes")
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
