// Package verify judges an OCI image layout: whether every byte of it is what
// its descriptors promise, and whether its documents are what the specification
// asks for.
//
// What is wrong is data: [Verifier.Findings] yields one [Finding] for each fault,
// with the rule it breaks, its place and the way there. An error ends the run,
// and means that the layout could not be looked at, or that the context was
// cancelled.
//
// Every check has one of three outcomes: it matches, it does not match, or it
// could not be told. The last is never taken for the first: Stats.Complete says
// whether there was none of it.
package verify
