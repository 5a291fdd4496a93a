package cli

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// ChoiceFlag is a flag whose value is one of a few words, in a command line that Execute
// takes. The check of the value and its completion read the same list.
type ChoiceFlag struct {
	*StringFlag
	// Values are the words allowed. One that ends in "=" or ":" is followed by
	// what the user makes up.
	Values []string
}

// Choice makes a flag of f that takes only values, which f.Usage has to name.
func Choice(f *StringFlag, values ...string) Flag { return &ChoiceFlag{f, values} }

// check returns a usage error unless value is one of the set.
func (f *ChoiceFlag) check(value string) error {
	if slices.Contains(f.Values, templatePrefix) && strings.Contains(value, "{{") {
		return nil // as docker takes it
	}
	for _, allowed := range f.Values {
		if value == allowed || isOpen(allowed) && strings.HasPrefix(value, allowed) {
			return nil
		}
	}
	return exit.Usagef("--%s cannot be %q: it is one of %s", f.Name, value, strings.Join(f.Values, ", "))
}

// templatePrefix is one of the Values of a flag that takes a template as well.
const templatePrefix = "go-template="

// isOpen says whether there is more to come after the word.
func isOpen(word string) bool { return strings.HasSuffix(word, "=") || strings.HasSuffix(word, ":") }
