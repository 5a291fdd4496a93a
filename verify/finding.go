package verify

import (
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Finding is one fault of a layout, or something in it worth knowing. Its
// strings hold words of the layout: escape them before they reach a terminal.
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
	Entry    string // the name of the entry of a layer that the finding is about, "" for none
	Message  string // what is wrong, in one sentence without a full stop
	Expected string // what the rule asks for, "" where the message says it all
	Actual   string // what was found, likewise
}
