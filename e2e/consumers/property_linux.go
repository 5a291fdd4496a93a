package consumers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/e2e/consumers/stack"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// trial is a stack with all that became of it.
type trial struct {
	stack    stack.Stack
	outcomes map[string]outcome
	verdict  verdict
}

// try unpacks and judges a stack, below a directory that holds nothing else.
func try(in *cell, dir string, s stack.Stack) (trial, error) {
	hang := time.AfterFunc(10*time.Minute, func() { panic(fmt.Sprintf("no end after ten minutes:\n%v", s)) })
	defer hang.Stop()
	layers := make([][]byte, len(s))
	for i, l := range s {
		layers[i] = l.Bytes()
	}
	t := trial{stack: s, outcomes: make(map[string]outcome)}
	for _, c := range consumers {
		o := c.unpack(in, filepath.Join(dir, c.name), layers)
		o.tree = normal(o.tree)
		t.outcomes[c.name] = o
	}
	var err error
	t.verdict, err = judge(layers)
	t.verdict.files.tree = normal(t.verdict.files.tree)
	return t, err
}

// violation is a property that a trial does not have.
type violation struct {
	property string // one of those below
	detail   string
}

// The properties.
const (
	allFail    = "all consumers fail, and it is no error"
	someFail   = "a consumer fails, and there is no warning"
	differ     = "the consumers' trees differ, and there is no note"
	falseError = "all consumers agree, and it is an error"
	otherFiles = "all consumers agree, and files shows another tree"
	unfinished = "the verification is incomplete"
)

// check returns the properties that the trial breaks.
func (t *trial) check() []violation {
	var v []violation
	worst, wrong, limits := rule.Ignore, false, false
	warned := make(map[rule.ID]bool)
	for _, f := range t.verdict.findings {
		if remarks[f.Rule] == "" || f.Severity > rule.Info {
			worst = max(worst, f.Severity)
		}
		if f.Severity == rule.Warning {
			warned[f.Rule] = true
		}
		limits = limits || f.Severity == rule.Warning && upToSystem[f.Rule] != ""
		wrong = wrong || f.Severity >= rule.Error && forbidden[f.Rule] == ""
	}
	first, failed, different := "", 0, ""
	for _, c := range consumers {
		switch o := t.outcomes[c.name]; {
		case o.err != nil:
			failed++
		case first == "":
			first = c.name
		case different == "":
			if d := difference(t.outcomes[first].tree, o.tree); d != "" {
				different = fmt.Sprintf("%s and %s: %s", first, c.name, d)
			}
		}
	}
	switch {
	// Several warnings may stop one consumer each, and all of them together.
	case failed == len(consumers) && worst < rule.Error && !limits && len(warned) < 2:
		v = append(v, violation{property: allFail})
	case failed > 0 && worst < rule.Warning:
		v = append(v, violation{property: someFail})
	}
	if different != "" && worst < rule.Info {
		v = append(v, violation{differ, different})
	}
	if failed == 0 && different == "" {
		if wrong {
			v = append(v, violation{property: falseError})
		}
		d := ""
		if err := t.verdict.files.err; err != nil {
			d = err.Error()
		} else {
			d = difference(t.outcomes[first].tree, t.verdict.files.tree)
		}
		if d != "" {
			v = append(v, violation{otherFiles, d})
		}
	}
	if !t.verdict.complete {
		v = append(v, violation{property: unfinished})
	}
	return v
}

// breaks says whether the trial breaks a property.
func (t *trial) breaks(property string) bool {
	for _, v := range t.check() {
		if v.property == property {
			return true
		}
	}
	return false
}

// report lists the stack, what became of it and what ocilayout says.
func (t *trial) report() string {
	var b strings.Builder
	b.WriteString(t.stack.String())
	first := ""
	for _, c := range consumers {
		o := t.outcomes[c.name]
		switch {
		case o.err != nil:
			fmt.Fprintf(&b, "%s fails: %v\n", c.name, o.err)
		case first == "":
			first = c.name
			fmt.Fprintf(&b, "%s makes a tree\n", c.name)
		default:
			if d := difference(t.outcomes[first].tree, o.tree); d != "" {
				fmt.Fprintf(&b, "%s differs from %s: %s\n", c.name, first, swapped(d))
			} else {
				fmt.Fprintf(&b, "%s makes the same tree as %s\n", c.name, first)
			}
		}
	}
	if err := t.verdict.files.err; err != nil {
		fmt.Fprintf(&b, "files fails: %v\n", err)
	} else if first != "" {
		if d := difference(t.outcomes[first].tree, t.verdict.files.tree); d != "" {
			fmt.Fprintf(&b, "files differs from %s: %s\n", first, swapped(d))
		}
	}
	for _, f := range t.verdict.findings {
		fmt.Fprintf(&b, "ocilayout: %v %s %s: %s\n", f.Severity, f.Rule, f.Entry, f.Message)
	}
	if len(t.verdict.findings) == 0 {
		b.WriteString("ocilayout finds nothing\n")
	}
	return b.String()
}

// swapped marks that the first of the two in a difference is the other tree's.
func swapped(d string) string { return "(there, here) " + d }

// normal takes out of a tree what is no statement about content: the one list
// of differences that are known and left alone.
func normal(t tree) tree {
	for path, n := range t {
		// The time of a directory changes with what is put into it. Consumers set it
		// back at different moments, and some not at all.
		if n.kind == "d" {
			n.time = ""
		}
		// A file with several names has one time, and each link's header has one as well:
		// umoci keeps the first, the others set the last.
		if n.same != "" {
			n.time = ""
		}
		// The root is there before anything is unpacked: containerd and Docker pass
		// over its entry, umoci and containers/storage apply it. Its owner and mode
		// are up to who made the directory.
		if path == "." {
			n.mode, n.uid, n.gid, n.xattrs = 0, 0, 0, ""
		}
		// A symlink has no mode of its own on Linux.
		if n.kind == "L" {
			n.mode = 0o777
		}
		// Podman, Buildah and umoci leave labels of SELinux to the host on purpose.
		if strings.Contains(n.xattrs, selinux) {
			n.xattrs = selinuxXattr.ReplaceAllString(n.xattrs, "")
		}
		// -1 leaves an owner as it is, which is root where a file is made. Listings
		// show what the layer says, and a finding says that.
		if n.uid == unchanged {
			n.uid = 0
		}
		if n.gid == unchanged {
			n.gid = 0
		}
		t[path] = n
	}
	return t
}

const (
	selinux   = "security.selinux="
	unchanged = 1<<32 - 1
)

var selinuxXattr = regexp.MustCompile(` ?\bsecurity\.selinux="[^"]*"`)

// forbidden are the rules that are errors although all consumers agree, and why.
var forbidden = map[rule.ID]string{
	rule.EntrySize:      "the consumers are all written in Go, whose reader takes no content for links and directories; GNU tar, bsdtar and Python pass over as many bytes as are claimed",
	rule.EntryPathEmpty: "Go, GNU tar and BusyBox take an empty name for the root; bsdtar fails at it, and the name that was meant is lost",
	rule.EntryDuplicate: "the specification forbids it, and what looks a file up in a layer may take the first of two entries, where these take the last",
}

// upToSystem are the rules that are warnings although all consumers fail, and why.
var upToSystem = map[rule.ID]string{
	"entry-name-long": "how long a name may be is up to the file system",
	"entry-path-long": "how long a path may be is up to the operating system",
}

// remarks are the rules whose notes are about what is allowed and clear, so that
// they prepare nobody for trees that differ.
var remarks = map[rule.ID]string{
	rule.EntryDevice:    "a device is made alike by all who may",
	rule.WhiteoutOpaque: "every consumer understands it",
}

// base returns a directory that is as fast as there is: one in memory.
func base() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "consumers"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "consumers")
}
