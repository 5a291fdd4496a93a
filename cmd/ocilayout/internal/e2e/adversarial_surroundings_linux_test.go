package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"golang.org/x/sys/unix"
)

// everyCommand is one run of each command that reads a layout.
var everyCommand = [][]string{{"verify", "LAYOUT", "-f", "text"}, {"ls", "LAYOUT"}, {"inspect", "LAYOUT:v1"}, {"tree", "LAYOUT"}, {"blobs", "LAYOUT"}, {"files", "LAYOUT:v1"},
	{"cat", "LAYOUT:v1"}, {"cat", "LAYOUT", "--path", "etc/motd"}, {"diff", "LAYOUT", "LAYOUT"}}

// under runs every command with something in front.
func under(status int, check func(t *testing.T, dir, stdout, stderr string), prefix ...string) []attempt {
	var all []attempt
	for _, args := range everyCommand {
		all = append(all, attempt{args: args, status: status, memory: light, prefix: prefix, check: check})
	}
	return all
}

// shell runs a command line with the program as $0 and its arguments.
func shell(line string) []string { return []string{"sh", "-c", line} }

// may skips a case where something is not permitted here.
func may(make func(t *testing.T) string, name string, args ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		testrun.Tool(t, name)
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Skipf("%s %q is not permitted: %v\n%s", name, args, err, out)
		}
		return make(t)
	}
}

// hostileSurroundings are sound layouts, and a world around the program that is not.
func hostileSurroundings() []adversary {
	many := func(t *testing.T) string {
		return built(t, func(b *layouttest.Builder) {
			for i := range 100 {
				b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/": "", "etc/motd": itoa(i)})), fmt.Sprintf("v%d", i))
			}
		})
	}
	few := []attempt{{prefix: shell(`ulimit -n 16; exec "$0" "$@"`), args: []string{"verify", "-j", "1", "LAYOUT", "-f", "json"}, memory: light},
		{prefix: shell(`ulimit -n 16; exec "$0" "$@"`), args: []string{"verify", "-j", "8", "LAYOUT", "-f", "json"}, memory: light, either: true},
		{prefix: shell(`ulimit -n 7; exec "$0" "$@"`), args: []string{"verify", "-j", "8", "LAYOUT", "-f", "json"}, memory: light,
			status: statusFailed, want: []string{"file-unreadable"}}}
	return slices.Concat(hostileChanges(), []adversary{
		{name: "hardly any open files", make: many, attempts: few},
		{name: "one processor", make: soundLayout, attempts: under(statusOK, nil, "env", "GOMAXPROCS=1")},
		{name: "nothing to write to", make: soundLayout, attempts: under(statusOK, nil, "env", "-i", "TMPDIR=/nonexistent", "HOME=/nonexistent")},
		{name: "no network", make: may(soundLayout, "unshare", "-n", "true"), attempts: under(statusOK, nil, "unshare", "-n")},
		{name: "a layout that may only be read", make: besides(readOnlyTree), attempts: []attempt{{nobody: true, memory: light}}},
		{name: "files that may not be read", make: besides(func(t *testing.T, dir string) {
			must(t, os.Chmod(filepath.Join(dir, soundLayer), 0))
		}), attempts: []attempt{{nobody: true, memory: light, status: statusFailed, want: []string{"file-unreadable " + soundLayer}}}},
		{name: "a full device for the report", make: soundLayout, attempts: under(statusFailed, nil, shell(`"$0" "$@" >/dev/full`)...)},
		{name: "standard output that is closed", make: soundLayout, attempts: []attempt{
			{prefix: shell(`"$0" "$@" >&-`), args: []string{"verify", "LAYOUT", "-f", "text"}, memory: light}}},
		{name: "a reader that goes away", make: func(t *testing.T) string { return manyEntries(t, 20_000) }, attempts: []attempt{
			{prefix: []string{"bash", "-c", `"$0" "$@" | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"`}, args: []string{"ls", "LAYOUT"}, status: statusFailed}}},
		{name: "every system call watched", make: may(besides(func(t *testing.T, dir string) {
			secretly(false, false)(t, filepath.Join(dir, "other"))
		}), "strace", "-o", "/dev/null", "true"), attempts: under(statusOK, onlyReads,
			"strace", "-f", "-qq", "-e", "trace=%file,%network,%process,%desc", "-s", "4096", "-o", "LAYOUT/../trace")},
	})
}

// readOnlyTree takes the right to write from everybody.
func readOnlyTree(t *testing.T, dir string) {
	must(t, filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		t.Cleanup(func() { os.Chmod(file, info.Mode()|0o200) })
		return os.Chmod(file, info.Mode()&^0o222)
	}))
}

// harmless are the system calls about files, descriptors and processes that change nothing
// outside of the program.
var harmless = strings.Fields(`openat newfstatat fstat lstat stat statx readlinkat readlink faccessat2 access getcwd getdents64 read pread64 write close
	fcntl lseek epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 pipe2 mmap ioctl clone clone3 exit exit_group tgkill kill wait4 waitid pidfd_open pidfd_send_signal
	arch_prctl dup3 fadvise64`)

var call = regexp.MustCompile(`^\d+ +(?:<\.\.\. )?([a-z0-9_]+)`)

// onlyReads looks at what strace saw: files are opened to be read, and nothing else is made, sent or
// started.
func onlyReads(t *testing.T, dir, _, _ string) {
	raw, err := os.ReadFile(filepath.Join(dir, "..", "trace"))
	must(t, err)
	calls := make(map[string]int)
	for line := range strings.Lines(string(raw)) {
		found := call.FindStringSubmatch(line)
		if found == nil {
			continue // a signal, or the end of a thread
		}
		name := found[1]
		calls[name]++
		switch {
		case name == "execve" && calls[name] == 1: // the program itself
		case !slices.Contains(harmless, name):
			t.Errorf("%s", line)
		case name == "openat" && !strings.Contains(line, "resumed>") && (!strings.Contains(line, "O_RDONLY") || strings.Contains(line, "O_CREAT")):
			t.Errorf("opened to be written: %s", line)
		case strings.HasPrefix(name, "clone") && !strings.Contains(line, "resumed>") && !strings.Contains(line, "CLONE_THREAD"):
			t.Errorf("a process: %s", line)
		case name == "write" && !regexp.MustCompile(`write\([12], |write\(\d+, "\\1\\0\\0\\0|resumed>`).MatchString(line):
			t.Errorf("written elsewhere: %s", line)
		case strings.Contains(line, "no test may ever see"):
			t.Errorf("read outside: %s", line)
		}
	}
	if calls["openat"] < 5 {
		t.Errorf("hardly anything was seen: %v", calls)
	}
}

// hugeBlob is a layout with one blob of zeros beside its image, by a digest that is right or not.
func hugeBlob(size int64, hex string) func(t *testing.T) string {
	return besides(func(t *testing.T, dir string) {
		file := filepath.Join(dir, "blobs", "sha256", hex)
		sparse(t, file, size)
		info, err := os.Stat(file)
		must(t, err)
		indexed(t, dir, fmt.Sprintf(`{"mediaType":"a/b","digest":"sha256:%s","size":%d}`, hex, info.Size()))
	})
}

// zeros is a blob of zeros that takes some time to read, and its SHA-256.
var zeros, zerosHex = func() (size int64, hex string) {
	if testrun.Exhaustive() {
		return 1 << 30, "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"
	}
	return 1 << 29, "9acca8e8c22201155389f65abbf6bc9723edc7384ead80503839f49dcc56d767"
}()

// onceOpened does something to the huge blob while it is read.
func onceOpened(hex string, do func(t *testing.T, dir, file string, child int)) func(t *testing.T, dir string, child int) {
	return func(t *testing.T, dir string, child int) {
		file := filepath.Join(dir, "blobs", "sha256", hex)
		waitFor(t, child, file)
		do(t, dir, file, child)
	}
}

// hostileChanges are layouts that change while they are read.
func hostileChanges() []adversary {
	changing := func(name string, size int64, hex string, status int, want []string, do func(t *testing.T, dir, file string, child int)) adversary {
		return adversary{name: name, make: hugeBlob(size, hex), attempts: []attempt{
			{status: status, want: want, infos: true, memory: light, meanwhile: onceOpened(hex, do)}}}
	}
	return []adversary{
		{name: "a blob of 16 TiB that is to have ten bytes", make: besides(func(t *testing.T, dir string) {
			sparse(t, filepath.Join(dir, "blobs", "sha256", someHex), 16<<40-4096)
			indexed(t, dir, fmt.Sprintf(`{"mediaType":"a/b","digest":"sha256:%s","size":10}`, someHex))
		}), show: true, attempts: []attempt{{status: statusFindings, memory: light, want: []string{"descriptor-size-mismatch index.json#/manifests/0/size"}}}},
		changing("a blob of a terabyte, and an interrupt", 1<<40, someHex, statusInterrupted, nil, func(t *testing.T, _, _ string, child int) {
			must(t, syscall.Kill(child, syscall.SIGINT))
		}),
		changing("a blob that is cut off while it is read", 1<<40, someHex, statusFailed, []string{"file-changed"}, func(t *testing.T, _, file string, _ int) {
			must(t, os.Truncate(file, 4096))
		}),
		changing("a blob that grows while it is read", zeros, zerosHex, statusFailed, []string{"file-changed"}, func(t *testing.T, _, file string, _ int) {
			must(t, os.Truncate(file, zeros+1))
		}),
		changing("a blob that is written to while it is read", zeros, zerosHex, statusFailed, []string{"file-changed"}, func(t *testing.T, _, file string, _ int) {
			f, err := os.OpenFile(file, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt([]byte("x"), 0)
			must(t, err)
			must(t, f.Close())
		}),
		changing("a layout that another takes the place of while it is read", zeros, zerosHex, statusOK, nil, func(t *testing.T, dir, file string, _ int) {
			must(t, os.Rename(dir, dir+".before"))
			other := soundLayout(t)
			must(t, os.Remove(filepath.Join(other, soundLayer)))
			must(t, os.Symlink(other, dir))
		}),
		{name: "a blob that is exchanged for a link to the outside, again and again", make: soundLayout, also: exchanged},
	}
}

// exchanged is some runs while a blob and a link to a file of the same
// length outside take each other's place. No run may see what is there.
func exchanged(t *testing.T, dir string) {
	file := filepath.Join(dir, soundLayer)
	info, err := os.Stat(file)
	must(t, err)
	outside, link := filepath.Join(t.TempDir(), "outside"), filepath.Join(dir, "link")
	write(t, outside, strings.Repeat("!", int(info.Size())))
	must(t, os.Symlink(outside, link))
	var times atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var racer sync.WaitGroup
	defer racer.Wait()
	defer cancel()
	racer.Go(func() {
		for ctx.Err() == nil && unix.Renameat2(unix.AT_FDCWD, file, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE) == nil {
			times.Add(1)
		}
	})
	seen := make(map[int]int)
	for range size(20, 500) {
		e := measure(t, dir, attempt{}, "verify", dir, "-f", "json")
		e.within(t, light)
		seen[e.status]++
		if strings.Contains(e.stdout.String(), "blob-digest-mismatch") || e.status > statusFailed {
			t.Errorf("status %d: %s", e.status, beginning(e.stdout.String()))
		}
	}
	if t.Logf("exchanged %d times, statuses %v", times.Load(), seen); times.Load() == 0 {
		testrun.Need(t, "file system that exchanges two files", errors.ErrUnsupported)
	}
}
