package verify

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Finding is one fault of a layout, or something in it worth knowing. Its strings hold
// text of the layout: escape them before they reach a terminal, as String does.
type Finding struct {
	Rule     rule.ID
	Severity rule.Severity // what the policy says, never Unset or Ignore
	// Path is the file within the layout, as listed: "index.json",
	// "blobs/sha256/…".
	Path string
	// Pointer is the RFC 6901 pointer to the value within that file, or to the
	// place where a missing member belongs; "" is the file as a whole.
	Pointer string
	// Digest is that of the blob that the finding is about, "" where it is about
	// none.
	Digest digest.Digest
	// Trail is how the file was first reached: each element is a document's path
	// and the pointer to the next descriptor, as "index.json#/manifests/0". It is
	// nil for what no descriptor led to.
	Trail    []string
	Place    Place  // in the words of people
	Entry    string // the name of the entry of a layer that the finding is about, "" for none
	Message  string // what is wrong, in one sentence without a full stop
	Expected string // what the rule asks for, "" where the message says it all
	Actual   string // what was found, likewise
	// Exception is the one of the policy that accepts the finding, nil for none. Such a
	// finding counts as Stats.Excepted alone.
	Exception *rule.Exception
}

// String returns the finding in one line, "PATH#POINTER: severity: message [rule]", or
// "PATH: …" where it is about the file as a whole. What is not printable, and every
// backslash, is escaped as in a Go string, so that it is safe to print.
func (f Finding) String() string {
	place := f.Path
	if f.Pointer != "" {
		place += "#" + f.Pointer
	}
	return fmt.Sprintf("%s: %v: %s [%s]", escaped(place), f.Severity, escaped(f.Message), f.Rule)
}

// escaped escapes like strconv.Quote, but for the quotes.
func escaped(s string) string {
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
