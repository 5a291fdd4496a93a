package report

import (
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// Place is where a finding is, in the words by which people know an image. What is not
// known is empty.
type Place struct {
	Reference string // the name of the image in index.json
	Platform  string // as os/arch[/variant]
	Role      string // "manifest", "config", "layer", "subject": the part that the blob plays
	Layer     int    // which layer of its image, from 0; -1 where it is about none
	History   string // the line of the image's history that made the layer
}

// longestHistory is how many bytes of a line of history a place shows.
const longestHistory = 40

// String returns the place in one line that can be shown anywhere, as
// "1.0 linux/arm64, layer 2 (COPY root/ /)", and "" where nothing is known.
func (p Place) String() string {
	var image, part []string
	for _, word := range []string{p.Reference, p.Platform} {
		if word != "" {
			image = append(image, Value(word))
		}
	}
	switch {
	case p.Layer >= 0:
		part = append(part, "layer "+strconv.Itoa(p.Layer))
	case p.Role != "":
		part = append(part, Value(p.Role))
	}
	if p.History != "" {
		history, more := clip(p.History, longestHistory)
		if more != "" {
			more = "..."
		}
		part = append(part, "("+Text(history)+more+")")
	}
	both := []string{strings.Join(image, " "), strings.Join(part, " ")}
	if both[0] == "" {
		return both[1]
	}
	if both[1] == "" {
		return both[0]
	}
	return strings.Join(both, ", ")
}

// placeOf returns what a finding shows of its place: the part that the file plays for
// the document which led to it, or that of the descriptor at the finding's pointer.
func placeOf(f verify.Finding) Place {
	p := Place{Layer: -1}
	last := ""
	if len(f.Trail) > 0 {
		_, last, _ = strings.Cut(f.Trail[len(f.Trail)-1], "#")
		p.part(last)
	}
	switch {
	case p.Role == "config":
		if n, ok := element(f.Pointer, "/rootfs/diff_ids/"); ok {
			p.Role, p.Layer = "layer", n
		}
	case p.Role == "manifest" || p.Role == "subject":
		p.part(f.Pointer)
	}
	at := f.Place
	p.Reference, p.Platform = at.Reference, at.Platform
	if p.Role == "" || at.Role == "index" {
		p.Role = at.Role
	}
	if p.Layer >= 0 && at.Role == "layer" && at.Layer == p.Layer {
		p.History = at.History
	}
	return p
}

// part takes role and layer from the pointer to a descriptor, or to something within it.
func (p *Place) part(pointer string) {
	if n, ok := element(pointer, "/layers/"); ok {
		p.Role, p.Layer = "layer", n
		return
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch first {
	case "manifests":
		p.Role = "manifest"
	case "config", "subject":
		p.Role = first
	}
}

// element returns the index of the element of a list at which, or in which, a pointer
// points.
func element(pointer, list string) (int, bool) {
	rest, ok := strings.CutPrefix(pointer, list)
	if !ok {
		return 0, false
	}
	word, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(word)
	return n, err == nil && n >= 0 && word[0] != '+'
}

// lifts returns the flag that has what was left unchecked be checked, "" where there is
// none: verify names it, as "max-depth 32".
func lifts(f verify.Finding) string {
	name, _, _ := strings.Cut(f.Expected, " ")
	if !unproven(f) || !strings.HasPrefix(name, "max-") {
		return ""
	}
	return "--" + name
}

// unproven says whether a finding means that something was not checked.
func unproven(f verify.Finding) bool {
	row, _ := rule.Lookup(f.Rule)
	return row.Unproven
}

// pathOf is the file that a finding is about, and the pointer into it.
func pathOf(f verify.Finding) string {
	if f.Pointer == "" {
		return f.Path
	}
	return f.Path + "#" + f.Pointer
}

// word is what people are shown for a severity.
func word(s rule.Severity) string { return s.String() }

// counted returns "1 error", "2 errors".
func counted(n int64, s rule.Severity) string { return plural(n, word(s), word(s)+"s") }
