package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/config"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// configFlags are the flags of verify and validate about what a team has settled.
func configFlags() []Flag {
	return []Flag{
		&StringFlag{Name: "config", Usage: "`FILE` with severities and exceptions", DefaultText: config.FileName + ", from the working directory upwards"},
		&StringFlag{Name: "baseline", Usage: "accept the findings in `FILE`, which --write-baseline wrote"},
		&StringFlag{Name: "write-baseline", Usage: "write `FILE` with the findings that there are, for --baseline"},
	}
}

// Settings are what a team has settled about its layouts: the configuration and the
// baseline of a command line.
type Settings struct {
	dir string // from which patterns for layouts lead on, "" for none

	exceptions []configException
	baseline   string // "" for none
	accepted   int    // findings of the baseline
}

// configException is one of the configuration, and where it stands.
type configException struct {
	config.Exception
	path string
}

// LayoutName returns the name of a layout, or document, that exceptions go by: its path
// from the directory of the configuration, or as it is given where there is none, also
// where nothing is settled.
func (s *Settings) LayoutName(path string) string {
	if s != nil && s.dir != "" {
		if abs, err := filepath.Abs(path); err == nil {
			if rel, err := filepath.Rel(s.dir, abs); err == nil {
				path = rel
			}
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// loadSettings reads the configuration and the baseline, adds their exceptions to the policy,
// and has flags that are not given take the values of the configuration. The error is a
// usage error.
func loadSettings(c *Context, policy func(*config.Config) (rule.Policy, error)) (*Settings, rule.Policy, error) {
	s := new(Settings)
	file := c.String("config")
	if file == "" {
		found, err := config.Find(".")
		if err != nil {
			return nil, rule.Policy{}, exit.Usagef("--config: %v", report.Cause(err))
		}
		if here, err := os.Getwd(); err == nil && found != "" {
			if rel, err := filepath.Rel(here, found); err == nil {
				found = rel // as a person would name it
			}
		}
		file = found
	}
	settings := new(config.Config)
	if file != "" {
		var err error
		if settings, err = config.Load(file); err != nil {
			return nil, rule.Policy{}, settingsError("--config", err)
		}
		if abs, err := filepath.Abs(file); err == nil {
			s.dir = filepath.Dir(abs)
		}
	}
	for name, value := range map[string]string{"fail-on": settings.FailOn, "profile": settings.Profile, "level": settings.Level} {
		if value != "" && !c.IsSet(name) && hasFlag(c, name) {
			if err := c.Set(name, value); err != nil {
				return nil, rule.Policy{}, exit.Usagef("%s: %v", file, err)
			}
		}
	}
	p, err := policy(settings)
	if err != nil {
		return nil, p, err
	}
	for _, e := range settings.Exceptions {
		if err := p.Except(e.Exception); err != nil {
			return nil, p, exit.Usagef("%s:%d: %v", file, e.Line, err)
		}
		s.exceptions = append(s.exceptions, configException{e, file})
	}
	if s.baseline = c.String("baseline"); s.baseline != "" {
		accepted, err := config.LoadBaseline(s.baseline)
		if err != nil {
			return nil, p, settingsError("--baseline", err)
		}
		for _, e := range accepted {
			if err := p.Except(e); err != nil {
				return nil, p, exit.Usagef("%s: %v", s.baseline, err)
			}
		}
		s.accepted = len(accepted)
	}
	return s, p, nil
}

func hasFlag(c *Context, name string) bool {
	for _, f := range c.Command.Flags {
		for _, n := range f.Names() {
			if n == name {
				return true
			}
		}
	}
	return false
}

// settingsError is a usage error that says where a file is wrong.
func settingsError(flag string, err error) error {
	if e, ok := errors.AsType[*config.Error](err); ok {
		return exit.Usagef("%s", report.Text(e.Error()))
	}
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return exit.Usagef("%s %s: %v", flag, report.Value(e.Path), e.Err)
	}
	return exit.Usagef("%s: %v", flag, err)
}

// Complain says which exceptions are expired, and which accept nothing though a layout
// that they are for was checked whole. paths are those of the layouts or documents of the
// run.
func (s *Settings) Complain(run *report.Run, policy rule.Policy, paths []string) {
	var checked []string
	for _, i := range run.Whole() {
		checked = append(checked, s.LayoutName(paths[i]))
	}
	used, all := run.UsedExceptions(), policy.Exceptions()
	for i, e := range s.exceptions {
		where := fmt.Sprintf("%s:%d: the exception for %s", report.Value(e.path), e.Line, e.Rule)
		switch {
		case e.Expired(time.Now()):
			report.Complain(run.Stderr, fmt.Errorf("%s expired on %s", where, e.Until.Format(time.DateOnly)))
		case used[all[i]] == 0 && e.anyOf(checked):
			report.Complain(run.Stderr, fmt.Errorf("%s accepts nothing that was found", where))
		}
	}
	gone := 0
	for _, e := range all[len(s.exceptions):] {
		if used[e] == 0 {
			gone++
		}
	}
	if gone > 0 && len(checked) == len(paths) { // else they may be in what was not looked at

		report.Complain(run.Stderr, fmt.Errorf("%s: %d of %d findings are not there any more; --write-baseline writes one without them", report.Value(s.baseline), gone, s.accepted))
	}
}

func (e configException) anyOf(layouts []string) bool {
	for _, name := range layouts {
		if e.ForLayout(name) {
			return true
		}
	}
	return false
}
