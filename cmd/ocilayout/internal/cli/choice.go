package cli

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// ChoiceFlag is a flag whose value is one of a few words. The check of the value and its
// completion read the same list.
type ChoiceFlag struct {
	*StringFlag
	// Values are the words allowed. One that ends in "=" or ":" is followed by
	// what the user makes up.
	Values []string
}

// Choice makes a flag of f that takes only values, which f.Usage has to name.
func Choice(f *StringFlag, values ...string) Flag { return &ChoiceFlag{f, values} }

// allows says whether value is one of the set.
func (f *ChoiceFlag) allows(value string) bool {
	return slices.ContainsFunc(f.Values, func(allowed string) bool {
		return value == allowed || isOpen(allowed) && strings.HasPrefix(value, allowed)
	})
}

// isOpen says whether there is more to come after the word.
func isOpen(word string) bool { return strings.HasSuffix(word, "=") || strings.HasSuffix(word, ":") }

// OneOf returns the value of a ChoiceFlag of the command. Another than one of its Values
// is a usage error.
func OneOf(c *Context, name string) (string, error) {
	value := c.String(name)
	for _, f := range c.Command.Flags {
		f, ok := f.(*ChoiceFlag)
		if ok && f.Name == name && !f.allows(value) {
			return "", exit.Usagef("--%s cannot be %q: it is one of %s", name, value, strings.Join(f.Values, ", "))
		}
	}
	return value, nil
}
