// Command ocilayout opens OCI image layouts, shows what is in them, and verifies
// that every byte of them is what their descriptors promise.
package main

import (
	"context"
	"io"
	"os"
	"runtime"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
)

// Signals come to the first thread. What hangs in the kernel must not do so there,
// as no signal but the last wakes it: main has that thread to itself, and waits.
func init() { runtime.LockOSThread() }

func main() {
	limitMemory()
	ctx, stop := term.Signals(context.Background())
	status := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run carries out one command line and returns the exit status: the report goes
// to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return term.Run(ctx, stderr, func(ctx context.Context) int {
		return cli.Execute(ctx, newApp(stdout, stderr), args)
	})
}

func newApp(stdout, stderr io.Writer) *cli.App {
	return cli.Prepare(&cli.App{
		Name:      "ocilayout",
		Usage:     "verify OCI image layouts, and show what is in them",
		UsageText: "ocilayout COMMAND [LAYOUT...] [FLAGS]",
		Description: "A LAYOUT is a directory with the files oci-layout and index.json, or a tar archive " +
			"of one, as docker save and oci-archive: of other tools write it: plain, or compressed " +
			"with gzip or zstd. - is an archive on standard input. Without a LAYOUT, a command takes the one that it stands in. " +
			"LAYOUT:REF, LAYOUT@DIGEST and LAYOUT:REF@DIGEST select an entry of its index.json; six or more digits of a digest are enough.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "version", Aliases: []string{"V"}, Usage: "print the version", DisableDefaultText: true}},
		Commands: []*cli.Command{
			verifyCommand(), validateCommand(), lsCommand(), inspectCommand(), treeCommand(), blobsCommand(), filesCommand(), catCommand(), diffCommand(),
			rulesCommand(), explainCommand(), completionCommand(), helpCommand(), versionCommand(), completeCommand(), commandsCommand(),
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("version"):
				return printVersion(c.App.Writer)
			case c.NArg() == 0:
				return exit.Usagef("no command given")
			}
			return cli.UnknownCommand(c.App, c.Args().First())
		},
	}, stdout, stderr)
}
