package cli

import (
	"bufio"
	"context"
	"embed"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shells are those that completion knows.
var Shells = []string{"bash", "zsh", "fish", "powershell"}

//go:embed shell
var shellScripts embed.FS

// CompletionScript returns the script that completes command lines in a shell, one of
// Shells. It calls "ocilayout __complete".
func CompletionScript(shell string) (script []byte, ok bool) {
	script, err := shellScripts.ReadFile("shell/" + shell)
	return script, err == nil
}

// PrintCompletion prints what the script of a shell reads. args are the name of the
// shell and what its script says of the line. Nothing is printed of one it does not know.
func PrintCompletion(ctx context.Context, app *App, w io.Writer, args []string) {
	if len(args) == 0 {
		return
	}
	complete, ok := completers[args[0]]
	if !ok {
		return
	}
	out := bufio.NewWriter(w)
	defer out.Flush()
	for _, line := range complete(ctx, app, args[1:]) {
		out.WriteString(line + "\n")
	}
}

// completers read what each shell knows about its line, and give it the lines
// that its script reads: first the files to offer, whether a blank follows, and
// how many characters of the typed word stay, with tabs between; then a line for
// each candidate. Names of a layout come from strangers: a script never evaluates
// them, and what it inserts the shell takes for one word.
var completers = map[string]func(ctx context.Context, app *App, args []string) []string{
	"bash":       completeBash,
	"zsh":        completeZsh,
	"fish":       completeFish,
	"powershell": completePowerShell,
}

// completeBash takes COMP_WORDBREAKS and the line up to the cursor. A candidate
// replaces what readline takes for the word: what follows the last break, or an
// open quote. It is quoted here, since bash inserts it as it is.
func completeBash(ctx context.Context, app *App, args []string) []string {
	if len(args) != 2 {
		return nil
	}
	words := afterProgram(splitLine(args[1], args[0]))
	word := words[len(words)-1]
	c := Complete(ctx, app, texts(words))
	lines := []string{head(c, &word)}
	for _, one := range shown(c) {
		if line, ok := bashWord(&word, c.Prefix, one.Word); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

// bashWord returns what takes the place of readline's word, so that the whole
// word becomes its first prefix bytes and then name.
func bashWord(w *shellWord, prefix int, name string) (string, bool) {
	if w.quote != 0 {
		whole := w.text[:prefix] + name
		bad := "'"
		if w.quote == '"' {
			bad = "\"\\$`!"
		}
		return whole[w.quoteLen:], !strings.ContainsAny(whole[w.quoteLen:], bad)
	}
	n := w.textAt(w.breakRaw)
	if n <= prefix {
		typed := w.raw[w.breakRaw:w.rawEnd(prefix)]
		if wholeWord(typed, 0).quote == 0 { // else the quote is closed behind what is prefix
			return typed + bashQuote(name), true
		}
	}
	return bashQuote((w.text[:prefix] + name)[n:]), true
}

// bashQuote puts a backslash before each character that may mean something.
func bashQuote(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] < utf8.RuneSelf && !isWord(rune(s[i])) {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// isWord says whether no shell takes the ASCII character for anything but itself.
func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+=-", r)
}

// completeZsh takes the quote that is open at the cursor, and the words after the
// program as they are typed, the last up to the cursor and without that quote.
func completeZsh(ctx context.Context, app *App, args []string) []string {
	if len(args) < 2 {
		return nil
	}
	var words []string
	for _, raw := range args[1 : len(args)-1] {
		words = append(words, wholeWord(raw, 0).text)
	}
	var quote byte
	if args[0] != "" {
		quote = args[0][0]
	}
	word := wholeWord(args[len(args)-1], quote)
	c := Complete(ctx, app, append(words, word.text))
	lines := []string{head(c, &word)}
	for _, one := range shown(c) {
		lines = append(lines, one.Word+"\t"+one.Description)
	}
	return lines
}

// wholeWord reads a word that a shell has cut out of its line.
func wholeWord(raw string, quote byte) shellWord {
	w, _ := readWord(raw, quote, "")
	return w
}

// completeFish takes the line up to the cursor. A candidate is the whole word.
func completeFish(ctx context.Context, app *App, args []string) []string {
	if len(args) != 1 {
		return nil
	}
	words := afterProgram(splitLine(args[0], ""))
	word := words[len(words)-1]
	c := Complete(ctx, app, texts(words))
	lines := []string{head(c, &word)}
	for _, one := range shown(c) {
		lines = append(lines, word.text[:c.Prefix]+one.Word+"\t"+one.Description)
	}
	return lines
}

// completePowerShell takes the words after the program, up to the cursor, each
// behind an "=", because older versions lose empty arguments. A candidate is the
// whole word as it is inserted, the word as it is listed, and what it is.
func completePowerShell(ctx context.Context, app *App, args []string) []string {
	var words []string
	for _, arg := range args {
		words = append(words, strings.TrimPrefix(arg, "="))
	}
	if len(words) == 0 {
		return nil
	}
	word := wholeWord("", 0)
	word.raw, word.text = words[len(words)-1], words[len(words)-1]
	for i := range len(word.text) {
		word.ends = append(word.ends, i+1)
	}
	c := Complete(ctx, app, words)
	lines := []string{head(c, &word)}
	for _, one := range shown(c) {
		whole := word.text[:c.Prefix] + one.Word
		if quoted, ok := powerShellQuote(whole); ok {
			lines = append(lines, quoted+"\t"+one.Word+"\t"+one.Description)
		}
	}
	return lines
}

// powerShellQuote returns a word as PowerShell takes it for nothing else. One that
// is not ASCII may not arrive as it was sent, and other quotes than these are
// quotes to it.
func powerShellQuote(s string) (string, bool) {
	plain := true
	for _, r := range s {
		if r >= utf8.RuneSelf {
			return "", false
		}
		plain = plain && (isWord(r) || r == '\\') && r != '%'
	}
	if plain && s[0] != '@' {
		return s, true
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'", true
}

func head(c Completion, word *shellWord) string {
	space := "space"
	if c.Open {
		space = "nospace"
	}
	return fmt.Sprintf("%s\t%s\t%d", c.Files, space, utf8.RuneCountInString(word.raw[:word.rawEnd(c.Prefix)]))
}

// shown returns the candidates that can stand on a command line as they look:
// without control characters and changes of direction. Descriptions are cut.
func shown(c Completion) []Candidate {
	var all []Candidate
	for _, one := range c.Candidates {
		if one.Word == "" || !utf8.ValidString(one.Word) || strings.ContainsFunc(one.Word, func(r rune) bool { return !unicode.IsPrint(r) }) {
			continue
		}
		one.Description = shortly(one.Description)
		all = append(all, one)
	}
	return all
}

// shortly returns a description that fits beside its candidate.
func shortly(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.TrimRight(s[:most-3], " ") + "..."
	}
	return s
}
