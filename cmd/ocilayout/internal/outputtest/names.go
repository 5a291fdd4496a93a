package outputtest

// HostileNames are what a terminal would act on, or show as something else.
var HostileNames = []string{
	"\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link", "\x9b2J", "\u009b2J", "a\rb", "a\nb", "a\tb", "a\bb", "\x7f",
	"gnp.\u202eexe", "\u2066a\u2069", "\u200fa", "a\u2028b", "\u0430dmin", "##[error]x", "::error::x", "\xff\xfe",
}
