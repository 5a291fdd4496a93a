package stack

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse returns the stack of a listing, as String writes it: so that one that was
// printed can be tried again, unless its names are so long that they are cut off.
// Lines that begin with # are passed over. A line that says something else is an
// error.
func Parse(listing string) (Stack, error) {
	var s Stack
	for line := range strings.Lines(listing) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case line == fmt.Sprintf("layer %d", len(s)):
			s = append(s, nil)
			continue
		case len(s) == 0:
			return nil, fmt.Errorf("no layer before %q", line)
		}
		e, err := parseEntry(line)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		s[len(s)-1] = append(s[len(s)-1], e)
	}
	return s, nil
}

// words splits a line into words, of which some are quoted.
type words struct{ rest string }

func (w *words) next() (string, error) {
	w.rest = strings.TrimSpace(w.rest)
	if quoted, err := strconv.QuotedPrefix(w.rest); err == nil {
		w.rest = w.rest[len(quoted):]
		return strconv.Unquote(quoted)
	}
	word, rest, _ := strings.Cut(w.rest, " ")
	w.rest = rest
	if word == "" || strings.Contains(word, "…") {
		return "", fmt.Errorf("cut off at %q", word)
	}
	return word, nil
}

func parseEntry(line string) (Entry, error) {
	w := &words{line}
	kind, err := w.next()
	if err != nil {
		return Entry{}, err
	}
	var flag byte
	for f, letter := range letters {
		if letter == kind {
			flag = f
		}
	}
	if kind == "type" {
		if kind, err = w.next(); err != nil || len(kind) != 1 {
			return Entry{}, fmt.Errorf("no type: %q", kind)
		}
		flag = kind[0]
	}
	if flag == 0 {
		return Entry{}, fmt.Errorf("unknown type %s", kind)
	}
	name, err := w.next()
	if err != nil {
		return Entry{}, err
	}
	e := New(flag, name)
	for strings.TrimSpace(w.rest) != "" {
		key, err := w.next()
		if err != nil {
			return e, err
		}
		if major, minor, ok := strings.Cut(key, ":"); ok {
			if e.Major, err = strconv.ParseInt(major, 10, 64); err == nil {
				e.Minor, err = strconv.ParseInt(minor, 10, 64)
			}
		} else {
			var value string
			if value, err = w.next(); err == nil {
				err = e.set(key, value)
			}
		}
		if err != nil {
			return e, err
		}
	}
	return e, nil
}

// set takes over one attribute of a listing.
func (e *Entry) set(key, value string) (err error) {
	switch key {
	case "->", "=>", "link":
		e.Link = value
	case "content":
		e.Content = value
	case "mode":
		e.Mode, err = strconv.ParseInt(value, 8, 64)
	case "owner":
		user, group, _ := strings.Cut(value, ":")
		if e.UID, err = strconv.ParseInt(user, 10, 64); err == nil {
			e.GID, err = strconv.ParseInt(group, 10, 64)
		}
	case "time":
		e.Time, err = strconv.ParseInt(value, 10, 64)
	case "xattr":
		name, text, _ := strings.Cut(value, "=")
		e.Xattrs = append(e.Xattrs, Xattr{name, text})
	case "form":
		if _, ok := forms[Form(value)]; !ok {
			err = fmt.Errorf("unknown form %s", value)
		}
		e.Form = Form(value)
	case "alt":
		e.Alt = value
	default:
		err = fmt.Errorf("unknown attribute %s", key)
	}
	return err
}
