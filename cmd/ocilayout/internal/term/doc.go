// Package term knows the terminal and the process: what is a terminal, how wide it
// is and whether it takes colours, and what happens at an interrupt. Below it is the
// line of progress. It imports nothing of the program but exit and what catches
// panics.
package term
