package cli

import "strings"

// shellWord is a word of a command line as it is typed, and as the shell takes it.
type shellWord struct {
	raw  string
	text string
	ends []int // for each byte of text: where in raw it ends

	quote    byte // that is open at the end, 0 if none is
	quoteRaw int  // where in raw the open quote's content begins
	quoteLen int  // bytes of text before the open quote
	breakRaw int  // where in raw what follows the last unquoted break begins
}

// rawEnd returns where in raw the first n bytes of the text end.
func (w *shellWord) rawEnd(n int) int {
	if n == 0 {
		return 0
	}
	return w.ends[n-1]
}

// textAt returns how many bytes of the text stand before the place in raw.
func (w *shellWord) textAt(raw int) int {
	n := 0
	for n < len(w.ends) && w.ends[n] <= raw {
		n++
	}
	return n
}

const blanks = " \t\n"

// splitLine divides a line as a shell does, and expands nothing. The last word is
// empty where the line ends with a blank. Each unquoted one of breaks is remembered.
func splitLine(line, breaks string) []shellWord {
	var words []shellWord
	for {
		line = strings.TrimLeft(line, blanks)
		w, rest := readWord(line, 0, breaks)
		words = append(words, w)
		if rest == "" {
			return words
		}
		line = rest
	}
}

// readWord reads a word to the first unquoted blank. What is left begins there.
// quote is one that is open before it.
func readWord(line string, quote byte, breaks string) (w shellWord, rest string) {
	w.quote = quote
	var text []byte
	take := func(i int) { text, w.ends = append(text, line[i]), append(w.ends, i+1) }
	end := 0
	for ; end < len(line); end++ {
		c := line[end]
		switch {
		case w.quote == 0 && strings.IndexByte(blanks, c) >= 0:
			w.raw, w.text = line[:end], string(text)
			return w, line[end:]
		case w.quote == 0 && (c == '\'' || c == '"'):
			w.quote, w.quoteRaw, w.quoteLen = c, end+1, len(text)
		case w.quote != 0 && c == w.quote:
			w.quote = 0
		case c == '\\' && backslashes(w.quote, line[end+1:]):
			end++
			take(end)
		default:
			take(end)
			if w.quote == 0 && strings.IndexByte(breaks, c) >= 0 {
				w.breakRaw = end + 1
				if c == '@' { // readline keeps it: it once stood for a host name
					w.breakRaw = end
				}
			}
		}
	}
	w.raw, w.text = line, string(text)
	return w, ""
}

// backslashes says whether a backslash takes from the next byte what it means.
func backslashes(quote byte, rest string) bool {
	switch {
	case rest == "" || quote == '\'':
		return false
	case quote == '"':
		return strings.IndexByte("\"\\$`", rest[0]) >= 0
	}
	return true
}

// afterProgram leaves out the words before the program's arguments: its own name,
// and what stands before that, as a variable or "sudo". There is always one word.
func afterProgram(words []shellWord) []shellWord {
	for i, w := range words[:len(words)-1] {
		if name := w.text[strings.LastIndexAny(w.text, separators)+1:]; name == "ocilayout" || name == "ocilayout.exe" {
			return words[i+1:]
		}
	}
	first := 0 // the program goes by another name
	for first < len(words)-1 && strings.Contains(words[first].text, "=") {
		first++
	}
	return words[min(first+1, len(words)-1):]
}

func texts(words []shellWord) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.text)
	}
	return all
}
