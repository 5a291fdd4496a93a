package model

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// uriDefect is what keeps a string from being a URI.
type uriDefect uint8

const (
	uriSound      uriDefect = iota
	uriCharacters           // it is one but for characters that have to be escaped
	uriNone                 // it has no scheme, or a bad escape
	uriHost                 // no host can be called so, or no port
)

// uri scans an absolute URI (RFC 3986, section 3) and returns its scheme in lower
// case. net/url takes blanks and bare non-ASCII characters, which the grammar does
// not have.
func uri(s string) (scheme string, defect uriDefect) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !uriScheme.MatchString(scheme) {
		return "", uriNone
	}
	fragment, host := false, hostEnd(rest)
	for i := 0; i < len(rest); i++ {
		switch ch := rest[i]; {
		case ch == '%':
			if i+2 >= len(rest) || !isHex(rest[i+1]) || !isHex(rest[i+2]) {
				return "", uriNone
			}
			i += 2
		case ch == '#' && !fragment:
			fragment = true
		case ch == '#', (ch == '[' || ch == ']') && i >= host:
			defect = uriCharacters
		case ch <= ' ' || ch >= 0x7f || strings.IndexByte("\"<>\\^`{|}", ch) >= 0:
			defect = uriCharacters
		}
	}
	scheme = strings.ToLower(scheme)
	if defect == uriSound && !authority(rest[:host]) {
		return scheme, uriHost
	}
	return scheme, defect
}

// hostEnd returns where the authority of a URI without its scheme ends, the one
// place for brackets: they hold addresses of IPv6.
func hostEnd(rest string) int {
	if !strings.HasPrefix(rest, "//") {
		return 0
	}
	if end := strings.IndexAny(rest[2:], "/?#"); end >= 0 {
		return end + 2
	}
	return len(rest)
}

// authority says whether what stands between the scheme of a URI and its path, two
// slashes included, has a host and a port of the form that RFC 3986 gives them in section
// 3.2. Both may be missing.
func authority(part string) bool {
	part = strings.TrimPrefix(part, "//")
	if user, host, ok := strings.Cut(part, "@"); ok {
		if strings.ContainsAny(user, "[]") {
			return false
		}
		part = host
	}
	host, port, _ := strings.Cut(part, ":")
	if literal, ok := strings.CutPrefix(part, "["); ok {
		address, after, closed := strings.Cut(literal, "]")
		if !closed || !ipLiteral(address) || after != "" && after[0] != ':' {
			return false
		}
		host, port = "", strings.TrimPrefix(after, ":")
	}
	return !strings.ContainsAny(host, "[]@") && strings.Trim(port, "0123456789") == ""
}

var ipFuture = regexp.MustCompile(`^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$`)

// ipLiteral says whether an address stands between brackets.
func ipLiteral(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && addr.Zone() == "" || ipFuture.MatchString(s)
}

var uriScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// descriptorURL judges one of the URLs of a descriptor.
func (c *checker) descriptorURL(value string) {
	scheme, defect := uri(value)
	switch {
	case defect == uriNone:
		c.report(rule.URLGrammar, "", "the value is no URI with a scheme", "https://example.com/path", clip(value))
	case defect == uriHost:
		c.report(rule.URLGrammar, "", "no host can be called so, or no port", "https://example.com/path", clip(value))
	case defect == uriCharacters:
		c.report(rule.URLCharacters, "", "the value holds characters that a URI has only as escapes", "", clip(value))
	case scheme != "http" && scheme != "https":
		c.report(rule.URLScheme, "", "not every client can fetch from a URL of this scheme", "http or https", clip(value))
	}
}

// timeKind is how a time is written.
type timeKind uint8

const (
	timeNone    timeKind = iota // not as RFC 3339 does
	timeUnusual                 // as RFC 3339 does, and Go's parser does not take it
	timeUsual
)

var rfc3339 = regexp.MustCompile(
	`^(\d{4}-\d\d-\d\d)([Tt])(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:([Zz])|[+-](\d\d):(\d\d))$`)

// timeForm holds a time against the grammar of RFC 3339 section 5.6, from which
// Go's parser differs in both directions.
func timeForm(s string) timeKind {
	m := rfc3339.FindStringSubmatch(s)
	if m == nil {
		return timeNone
	}
	if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
		return timeNone
	}
	if m[3] > "23" || m[4] > "59" || m[5] > "60" || m[7] > "23" || m[8] > "59" {
		return timeNone
	}
	if m[2] == "t" || m[6] == "z" || m[5] == "60" {
		return timeUnusual
	}
	return timeUsual
}

// time judges a time of an image configuration.
func (c *checker) time(m *Members, member, value string) {
	if value == "" && (!m.Has(member) || m.Wrong(member)) {
		return
	}
	switch timeForm(value) {
	case timeNone:
		c.report(rule.TimeFormat, member, "the value is no time as RFC 3339 writes it", "2006-01-02T15:04:05Z", clip(value))
	case timeUnusual:
		c.report(rule.TimeUnusual, member, "RFC 3339 allows this time, and many programs refuse it", "2006-01-02T15:04:05Z", clip(value))
	}
}

// Identifiers of licenses, which lists and texts beside the document define, and
// of exceptions.
var (
	licenseID   = regexp.MustCompile(`^(?:(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+|[A-Za-z0-9][A-Za-z0-9.-]*\+?)$`)
	exceptionID = regexp.MustCompile(`^(?:(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+|[A-Za-z0-9][A-Za-z0-9.-]*)$`)
	licenseGap  = strings.NewReplacer("(", " ( ", ")", " ) ")
)

// licenseExpression says whether s keeps the grammar of SPDX license expressions
// (SPDX 2.3, annex D). Whether the identifiers are listed it does not ask: the
// list grows.
func licenseExpression(s string) bool {
	depth, last := 0, "OR" // what came last: an operator, an opening, or one of the below
	const license, exception, group = "license", "exception", ")"
	for _, word := range strings.Fields(licenseGap.Replace(s)) {
		ended := last == license || last == exception || last == group
		switch upper := strings.ToUpper(word); {
		case word == "(" && !ended && last != "WITH":
			depth, last = depth+1, word
		case word == ")" && ended && depth > 0:
			depth, last = depth-1, group
		case (upper == "AND" || upper == "OR") && ended, upper == "WITH" && last == license:
			last = upper
		case isOperator(upper) || ended:
			return false
		case last == "WITH" && exceptionID.MatchString(word):
			last = exception
		case last != "WITH" && licenseID.MatchString(word):
			last = license
		default:
			return false
		}
	}
	return depth == 0 && (last == license || last == exception || last == group)
}

func isOperator(word string) bool { return word == "AND" || word == "OR" || word == "WITH" }

// referenceGrammar is that of distribution's references: an optional registry,
// a path in lower case, an optional tag and an optional digest.
var referenceGrammar = regexp.MustCompile(
	`^(?:([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?|\[[0-9A-Fa-f:]+\](?::[0-9]+)?)/)?` +
		`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*` +
		`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@([^@]+))?$`)

// reference says whether s is a reference as distribution has them, and whether
// it names a registry: a first component with a dot or a port, or localhost.
func reference(s string) (registry, ok bool) {
	if len(s) > 1024 {
		return false, false
	}
	m := referenceGrammar.FindStringSubmatch(s)
	if m == nil {
		return false, false
	}
	if m[2] != "" {
		if _, err := ParseDigest(m[2]); err != nil {
			return false, false
		}
	}
	first, _, _ := strings.Cut(s, "/")
	return strings.Contains(s, "/") && (strings.ContainsAny(first, ".:") || first == "localhost"), true
}

var portGrammar = regexp.MustCompile(`^([0-9]+)(?:-([0-9]+))?(?:/([a-z]+))?$`)

// portKind is how an exposed port is written.
type portKind uint8

const (
	portNone   portKind = iota
	portDocker          // a range, or a protocol that the specification does not name
	portSound
)

func port(s string) portKind {
	m := portGrammar.FindStringSubmatch(s)
	if m == nil || portNumber(m[1]) == 0 || m[2] != "" && portNumber(m[2]) < portNumber(m[1]) {
		return portNone
	}
	switch m[3] {
	case "", "tcp", "udp":
	case "sctp":
		return portDocker
	default:
		return portNone
	}
	if m[2] != "" {
		return portDocker
	}
	return portSound
}

// portNumber returns 0 for what is no port's number.
func portNumber(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return n
}
