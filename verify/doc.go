// Package verify checks an OCI image layout: whether every byte of it is what its
// descriptors promise, and whether its documents are what the specification asks for.
//
// What is wrong is data: [Run] returns a [Report] of it, and [Verifier.Findings] yields
// one [Finding] for each fault as it is found, with the rule it breaks, its place and the
// way there. An error ends the run, and means that the layout could not be looked at, or
// that the context was cancelled. [Document] checks one document by itself.
//
// Every check has one of three outcomes: it matches, it does not match, or it could not
// be made. The last never counts as the first: Stats.Complete says whether there was none
// of it, and [Report.Err] is an error where there was.
package verify
