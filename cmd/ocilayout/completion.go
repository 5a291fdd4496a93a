package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the script that completes command lines in a shell",
		ArgsUsage: "SHELL",
		UsageText: "ocilayout completion SHELL\n\nExample: ocilayout completion bash",
		Description: "SHELL is bash, zsh, fish or powershell. The script needs no other package. To have it in every new shell:\n\n" +
			"bash:        echo 'source <(ocilayout completion bash)' >> ~/.bashrc\n" +
			"zsh:         echo 'source <(ocilayout completion zsh)' >> ~/.zshrc\n" +
			"fish:        ocilayout completion fish > ~/.config/fish/completions/ocilayout.fish\n" +
			"PowerShell:  Add-Content $PROFILE 'ocilayout completion powershell | Out-String | Invoke-Expression'",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return exit.Usagef("completion takes one SHELL, but got %d arguments", c.NArg())
			}
			shell := c.Args().First()
			script, ok := cli.CompletionScript(shell)
			if !ok {
				return cli.Misspelt(fmt.Sprintf("no completion for a shell %q: it is one of %s", shell, strings.Join(cli.Shells, ", ")), "", shell, cli.Shells)
			}
			_, err := c.App.Writer.Write(script)
			return err
		},
	}
}

// patience is how long somebody waits for what a key shows.
const patience = 2 * time.Second

// completeCommand is what the scripts call: "__complete SHELL" and what that
// shell knows about the line, in the form of its reader in completers. It prints
// one line about the whole, then the candidates, a line each. It never fails, and
// never says why there are none.
func completeCommand() *cli.Command {
	return &cli.Command{
		Name:            "__complete",
		Hidden:          true,
		HideHelp:        true,
		SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			ctx, cancel := context.WithTimeout(c.Context, patience)
			defer cancel()
			done := make(chan string, 1)
			go func() {
				var b strings.Builder
				blobs.Guard(func() error { cli.PrintCompletion(ctx, c.App, &b, c.Args().Slice()); return nil })
				done <- b.String()
			}()
			select {
			case text := <-done:
				io.WriteString(c.App.Writer, text)
			case <-ctx.Done(): // a read that hangs ends with the process
			}
			return nil
		},
	}
}
