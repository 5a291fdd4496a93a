package cli

import urfave "github.com/urfave/cli/v2"

// What commands are made of. Of urfave/cli they use nothing else.
type (
	App             = urfave.App
	Command         = urfave.Command
	Context         = urfave.Context
	Flag            = urfave.Flag
	BoolFlag        = urfave.BoolFlag
	StringFlag      = urfave.StringFlag
	StringSliceFlag = urfave.StringSliceFlag
	IntFlag         = urfave.IntFlag
	Int64Flag       = urfave.Int64Flag
)
