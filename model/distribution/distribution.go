// Package distribution holds the documents that a registry answers with: the
// list of tags, the list of repositories and the list of errors. They are plain
// types for [model.Load], which reads them as strictly as the documents of a
// layout, and for [model.Encode]. There is no client here, and nothing reaches
// the network.
//
// Validate returns what the distribution spec v1.1.1 asks of a document and the
// loaded one does not keep, all of it in one error: a line for each value, which
// begins with the JSON pointer to it.
package distribution

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// Version is that of the distribution spec whose documents these are.
const Version = "1.1.1"

// RepositoryList is what a registry that has a catalog answers with
// (distribution-spec, appendix; the endpoint is not part of the spec itself).
type RepositoryList struct {
	Repositories []string `json:"repositories" oci:"required"`
	model.Members
}

// TagList is the answer to GET /v2/<name>/tags/list (distribution-spec, Listing
// Tags). Tags is null in the answer of some registries for a repository without
// tags, and counts as an empty list then.
type TagList struct {
	Name string   `json:"name" oci:"required"`
	Tags []string `json:"tags" oci:"required,nullable"`
	model.Members
}

// ErrorInfo is one error of a registry (distribution-spec, Error Codes).
type ErrorInfo struct {
	Code    string          `json:"code" oci:"required"`
	Message string          `json:"message,omitempty" oci:"nullable"`
	Detail  json.RawMessage `json:"detail,omitempty" oci:"nullable"` // of any form
	model.Members
}

// ErrorResponse is the body of an answer that says what went wrong
// (distribution-spec, Error Codes). It is an error itself.
type ErrorResponse struct {
	Errors []ErrorInfo `json:"errors" oci:"required"`
	model.Members
}

// The grammars of names and tags (distribution-spec, Pulling manifests), and of
// error codes.
var (
	nameGrammar = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagGrammar  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	codeGrammar = regexp.MustCompile(`^[A-Z_]+$`)
)

// Validate returns an error for a list that is missing and for every repository
// with a bad name. An empty list is valid.
func (l *RepositoryList) Validate() error {
	return errors.Join(list(&l.Members, "repositories"), each(&l.Members, "repositories", l.Repositories, nameGrammar, "no name of a repository"))
}

// Validate returns an error for a name that is missing or bad, and for every bad
// tag. No tags are valid.
func (l *TagList) Validate() error {
	var name error
	if !l.Wrong("name") && !nameGrammar.MatchString(l.Name) {
		name = wrong("/name", "no name of a repository: "+quote(l.Name))
	}
	return errors.Join(name, each(&l.Members, "tags", l.Tags, tagGrammar, "no tag"))
}

// Validate returns an error for a code that is missing or bad.
func (e *ErrorInfo) Validate() error { return e.validate("") }

func (e *ErrorInfo) validate(pointer string) error {
	if e.Wrong("code") || codeGrammar.MatchString(e.Code) {
		return nil
	}
	return wrong(pointer+"/code", "not made of capital letters and underscores: "+quote(e.Code))
}

// Validate returns an error for a list that is missing, and those of all its
// entries. An empty list is valid.
func (r *ErrorResponse) Validate() error {
	errs := []error{list(&r.Members, "errors")}
	if !r.Wrong("errors") { // loading has reported the wrong entries
		for i := range r.Errors {
			errs = append(errs, r.Errors[i].validate(model.Pointer("errors", strconv.Itoa(i))))
		}
	}
	return errors.Join(errs...)
}

func wrong(pointer, reason string) error { return errors.New(pointer + ": " + reason) }

// list returns an error for a list that a loaded document does not have.
func list(m *model.Members, member string) error {
	if !m.Loaded() || m.Has(member) {
		return nil
	}
	return wrong(model.Pointer(member), "the list is missing")
}

// each returns an error for every value that breaks the grammar.
func each(m *model.Members, member string, values []string, grammar *regexp.Regexp, reason string) error {
	var errs []error
	for i, value := range values {
		if !grammar.MatchString(value) && (value != "" || !m.Wrong(member)) { // loading has reported what is no string
			errs = append(errs, wrong(model.Pointer(member, strconv.Itoa(i)), reason+": "+quote(value)))
		}
	}
	return errors.Join(errs...)
}

// Error lists all the errors of the answer: their codes with their messages,
// quoted, as both come from outside.
func (r *ErrorResponse) Error() string {
	if len(r.Errors) == 0 {
		return "the registry answered with an error and did not say which"
	}
	var parts []string
	for _, e := range r.Errors {
		part := e.Code
		if !codeGrammar.MatchString(part) {
			part = quote(part)
		}
		if e.Message != "" {
			part += ": " + quote(e.Message)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// quote bounds what a message shows of a document, and keeps a terminal safe
// from it.
func quote(s string) string { return fmt.Sprintf("%+.200q", s) }
