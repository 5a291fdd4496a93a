// Package lazy compares what this module says of tables of contents with what the
// library does that reads layers by them. It is a module of its own, so that nothing
// else depends on that library.
package lazy
