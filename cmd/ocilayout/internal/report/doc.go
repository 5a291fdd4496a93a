// Package report writes what the library found, for people and for machines.
//
// Whatever comes from a layout was written by a stranger. Nothing here lets
// through a byte that a terminal, a log or a browser would act on.
package report
