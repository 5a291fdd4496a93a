// Package e2e holds the tests of the program as its users have it: built once, without the
// race detector, and run as a process. They are scripts, hostile layouts within bounds of
// memory and time, layouts of other tools, shells that complete lines, terminals, interrupts.
//
// With -short none of them runs: they say nothing that the race detector could judge. Where
// the environment variable OCILAYOUT_EXHAUSTIVE is set, hostile layouts have their full sizes.
package e2e
