package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// Destination is a report that was asked for, and where it goes.
type Destination struct {
	Flag   string // that asked for it, for messages
	Format string // one of Formats
	File   string // "" or "-" is standard output

	Style Style
	Width int // of the terminal that it goes to, 0 if it goes elsewhere
}

func (d Destination) String() string { return d.Flag + " " + Value(d.File) }

// ToStdout says whether the report goes to standard output.
func (d Destination) ToStdout() bool { return d.File == "" || d.File == "-" }

// Destinations returns the reports that a command line asks for: one of the format in
// the file output, and the others as FORMAT:FILE. No two go to one file. The error is a
// usage error.
func Destinations(format, output string, others []string) ([]Destination, error) {
	all := []Destination{{Flag: "--output", Format: format, File: output}}
	for _, value := range others {
		format, file, _ := strings.Cut(value, ":")
		if !slices.Contains(Formats, format) || file == "" {
			return nil, exit.Usagef("--report %q: write FORMAT:FILE, where FORMAT is one of %s", value, strings.Join(Formats, ", "))
		}
		if file == "-" {
			return nil, exit.Usagef("--report %q: standard output has the report of --format", value)
		}
		all = append(all, Destination{Flag: "--report", Format: format, File: file})
	}
	files := make(map[string]bool)
	for _, d := range all {
		if d.ToStdout() {
			continue
		}
		file := d.realFile()
		if files[file] {
			return nil, exit.Usagef("%s: two reports cannot go to the same file", d)
		}
		files[file] = true
	}
	return all, nil
}

// realFile is the one name of a file that has several.
func (d Destination) realFile() string {
	if file, err := realPath(d.File); err == nil {
		return file
	}
	if dir, err := realPath(filepath.Dir(d.File)); err == nil {
		return filepath.Join(dir, filepath.Base(d.File))
	}
	return filepath.Clean(d.File)
}

// Replaces says whether writing the report would replace an existing file.
func (d Destination) Replaces(file string) bool {
	target, err := os.Stat(d.File)
	if err != nil || !target.Mode().IsRegular() {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && os.SameFile(info, target)
}
