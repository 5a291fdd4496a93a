// Package faultfs makes a file system fail on plan: with errors, short and wrong bytes,
// wrong lengths and listings, and panics. It serves the tests of this module, which are
// in several packages, and promises nothing to others: it may change with any release.
package faultfs
