// Package cli is what commands have in common on their command lines, and what
// urfave/cli lacks: flags behind the arguments, flags that take one of a few words,
// addresses (LAYOUT:REF) and the opening of what they name, the prefixes of other
// tools, completion, and the pages about the commands.
//
// Commands import it, and it imports report and term. It knows no command.
package cli
