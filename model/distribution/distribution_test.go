package distribution_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/model/distribution"
)

// pointersOf returns the pointers of the value errors that err joins.
func pointersOf(t *testing.T, err error) []string {
	t.Helper()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, pointersOf(t, e)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	pointer, reason, ok := strings.Cut(err.Error(), ": ")
	if !ok || reason == "" {
		t.Fatalf("%v has no pointer", err)
	}
	return []string{pointer}
}

type document interface{ Validate() error }

func load[T any, P interface {
	*T
	document
}](t *testing.T, text string) document {
	t.Helper()
	doc, problems := model.Load[T]([]byte(text), model.Limits{})
	if err := problems.Err(); err != nil || doc == nil {
		t.Fatalf("%s: %v", text, err)
	}
	return P(doc)
}

func TestValidate(t *testing.T) {
	tags := load[distribution.TagList]
	repositories := load[distribution.RepositoryList]
	failures := load[distribution.ErrorResponse]
	for _, test := range []struct {
		load func(*testing.T, string) document
		text string
		want string
	}{
		{tags, `{"name":"a/b-c__d.e","tags":["latest","_","1.0","` + strings.Repeat("x", 128) + `"],"more":1}`, ""},
		{tags, `{"name":"a","tags":[]}`, ""},
		{tags, `{"name":"a","tags":null}`, ""},
		{tags, `{}`, "/name"},
		{tags, `{"name":"A","tags":[".x","","a b","a\n","` + strings.Repeat("x", 129) + `"]}`, "/name /tags/0 /tags/1 /tags/2 /tags/3 /tags/4"},
		{tags, `{"name":"a/../b"}`, "/name"},
		{repositories, `{"repositories":[]}`, ""},
		{repositories, `{"repositories":["a","a/b","/a","a//b"]}`, "/repositories/2 /repositories/3"},
		{repositories, `{}`, "/repositories"},
		{failures, `{"errors":[]}`, ""},
		{failures, `{"errors":[{"code":"DENIED"},{"code":"NAME_UNKNOWN","message":"","detail":[1,{"a":null}]},{"code":"X","message":null,"detail":null}]}`, ""},
		{failures, `{"errors":[{},{"code":"denied"},{"code":""}]}`, "/errors/0/code /errors/1/code /errors/2/code"},
		{failures, `{}`, "/errors"},
		{load[distribution.ErrorInfo], `{"message":"m"}`, "/code"},
		{load[distribution.ErrorInfo], `{"code":"no-code"}`, "/code"},
	} {
		err := test.load(t, test.text).Validate()
		if got := strings.Join(pointersOf(t, err), " "); got != test.want {
			t.Errorf("%.80s: problems at %q, want %q", test.text, got, test.want)
		}
	}
}

// Made in Go, the documents are valid without a list, and are written with it.
func TestMadeInGo(t *testing.T) {
	for want, doc := range map[string]document{
		`{"repositories":[]}`:                    &distribution.RepositoryList{},
		`{"name":"a","tags":["b"]}`:              &distribution.TagList{Name: "a", Tags: []string{"b"}},
		`{"errors":[{"code":"X","detail":{}}]}`:  &distribution.ErrorResponse{Errors: []distribution.ErrorInfo{{Code: "X", Detail: json.RawMessage(`{}`)}}},
		`{"code":"DENIED","message":"not here"}`: &distribution.ErrorInfo{Code: "DENIED", Message: "not here"},
	} {
		if err := doc.Validate(); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if got, err := model.Encode(doc); err != nil || string(got) != want {
			t.Errorf("encoded to %s, %v, want %s", got, err, want)
		}
	}
	if got := pointersOf(t, (&distribution.ErrorResponse{Errors: make([]distribution.ErrorInfo, 1)}).Validate()); !cmp.Equal(got, []string{"/errors/0/code"}) {
		t.Errorf("problems at %q", got)
	}
}

// A wrong type is a problem of loading, with its place.
func TestLoadWrongTypes(t *testing.T) {
	_, problems := model.Load[distribution.TagList]([]byte(`{"name":1,"tags":["a",2]}`), model.Limits{})
	var got []string
	for _, p := range problems {
		got = append(got, p.Pointer)
	}
	if diff := cmp.Diff([]string{"/name", "/tags/1"}, got); diff != "" {
		t.Errorf("pointers (-want +got):\n%s", diff)
	}
}

// The error holds every code and message, and nothing that a terminal obeys.
func TestErrorResponse(t *testing.T) {
	r := &distribution.ErrorResponse{Errors: []distribution.ErrorInfo{{Code: "DENIED", Message: "go \x1b[2Jaway"}, {Code: "x\ny"}, {Code: "TOOMANYREQUESTS"}}}
	var err error = r
	if got, want := err.Error(), `DENIED: "go \x1b[2Jaway"; "x\ny"; TOOMANYREQUESTS`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if found, ok := errors.AsType[*distribution.ErrorResponse](err); !ok || found != r {
		t.Error("errors.AsType does not find the response")
	}
	if new(distribution.ErrorResponse).Error() == "" {
		t.Error("an answer without errors has no text")
	}
}
