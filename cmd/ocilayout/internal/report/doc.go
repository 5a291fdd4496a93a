// Package report prints for commands: findings in every format and where they go,
// tables, JSON, diagrams, a user's template, and errors. Run counts the findings of
// verify and validate, and says which exit status they make.
//
// Whatever comes from a layout was written by a stranger. Nothing here lets
// through a byte that a terminal, a log or a browser would act on.
//
// It imports verify for findings, and exit and term of the program.
package report
