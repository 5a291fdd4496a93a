package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
)

// SECURITY.md names every limit of verify with its default.
func TestSecurityPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, command := range visible(newApp(nil, nil)) {
		if command.Name != "verify" {
			continue
		}
		for _, f := range command.Flags {
			name := f.Names()[0]
			if !strings.HasPrefix(name, "max-") {
				continue
			}
			value := ""
			switch f := f.(type) {
			case *cli.StringFlag:
				value = f.Value
			case *cli.IntFlag:
				value = fmt.Sprint(f.Value)
			case *cli.Int64Flag:
				value = fmt.Sprint(f.Value)
			}
			named++
			if row := fmt.Sprintf("| `--%s` | %s |", name, value); !strings.Contains(string(page), row) {
				t.Errorf("SECURITY.md has no row %q", row)
			}
		}
	}
	if rows := strings.Count(string(page), "| `--max-"); rows != named || named == 0 {
		t.Errorf("SECURITY.md has %d limits, verify %d", rows, named)
	}
}
