package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Profile is a set of severities for the whole table.
type Profile uint8

// The profiles.
const (
	// ProfileDefault: a broken MUST is an error, a broken SHOULD a warning.
	ProfileDefault Profile = iota
	// ProfileStrict: a broken SHOULD is an error too.
	ProfileStrict
	// ProfileSchema: what a document says is an error where the JSON schema of
	// image-spec v1.1.1 refuses it, and nowhere else. What a layout's files and
	// blobs are weighs as by default, as the schema does not speak of them.
	ProfileSchema
)

var profileNames = []string{"default", "strict", "schema"}

// String returns the word that flags use: "default", "strict" or "schema".
func (p Profile) String() string {
	if int(p) < len(profileNames) {
		return profileNames[p]
	}
	return fmt.Sprintf("profile(%d)", uint8(p))
}

// ParseProfile returns the profile that word names. Any word but those of
// Profile.String is an error.
func ParseProfile(word string) (Profile, error) {
	if i := slices.Index(profileNames, word); i >= 0 {
		return Profile(i), nil
	}
	return ProfileDefault, fmt.Errorf("no profile %q: it is one of %s", word, strings.Join(profileNames, ", "))
}

// Policy says what each rule weighs. The zero value is ProfileDefault. A Policy
// that nobody changes is safe for concurrent use; Set and Except must not run beside
// other calls. Copies of a Policy are independent.
type Policy struct {
	profile    Profile
	severities map[ID]Severity
	exceptions exceptions
	excepted   []*Exception // in the order of Except
}

// NewPolicy returns the policy of a profile.
func NewPolicy(p Profile) Policy { return Policy{profile: p} }

// Profile returns the profile that the policy began with.
func (p Policy) Profile() Profile { return p.profile }

// Set takes "ID=SEVERITY", as in "blob-unreferenced=error", with SEVERITY one
// of error, warning, info and ignore, which then counts whatever the profile
// says. An unknown id or severity, or a missing
// "=", is an error and changes nothing. The last setting of a rule stands.
func (p *Policy) Set(spec string) error {
	name, word, ok := strings.Cut(spec, "=")
	if !ok {
		return fmt.Errorf("%q is not of the form ID=SEVERITY", spec)
	}
	id := ID(name)
	if _, ok := byID[id]; !ok {
		return fmt.Errorf("no rule %q", name)
	}
	severity, err := ParseSeverity(word)
	if err != nil {
		return err
	}
	severities := maps.Clone(p.severities)
	if severities == nil {
		severities = make(map[ID]Severity)
	}
	severities[id] = severity
	p.severities = severities
	return nil
}

// Severity returns what id weighs under the policy. It panics on an id without
// a row: that is a programmer's error, which no input can cause.
func (p Policy) Severity(id ID) Severity {
	if s, ok := p.severities[id]; ok {
		return s
	}
	i, ok := byID[id]
	if !ok {
		panic("rule: no row for " + string(id))
	}
	return table[i].Under(p.profile)
}
