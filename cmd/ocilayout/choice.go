package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// choiceFlag is a flag whose value is one of a set. The check of the value and
// the completion of it read the same list.
type choiceFlag struct {
	*cli.StringFlag
	// values are the words allowed. One that ends in "=" or ":" is followed by
	// what the user makes up.
	values []string
}

// choice makes a flag of f that takes only values, which f.Usage has to name.
func choice(f *cli.StringFlag, values ...string) cli.Flag { return &choiceFlag{f, values} }

// allows says whether value is one of the set.
func (f *choiceFlag) allows(value string) bool {
	return slices.ContainsFunc(f.values, func(allowed string) bool {
		return value == allowed || isOpen(allowed) && strings.HasPrefix(value, allowed)
	})
}

// isOpen says whether there is more to come after the word.
func isOpen(word string) bool { return strings.HasSuffix(word, "=") || strings.HasSuffix(word, ":") }

// oneOf returns the value of a choiceFlag of the command.
func oneOf(c *cli.Context, name string) (string, error) {
	value := c.String(name)
	for _, f := range c.Command.Flags {
		f, ok := f.(*choiceFlag)
		if ok && f.Name == name && !f.allows(value) {
			return "", usagef("--%s cannot be %q: it is one of %s", name, value, strings.Join(f.values, ", "))
		}
	}
	return value, nil
}
