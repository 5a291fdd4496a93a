package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// versions are the programs that the rows need, and how to ask them which they are.
var versions = [][]string{
	{"openssl", "version"},
	{"igzip", "--version"},
	{"libdeflate-gunzip", "-V"},
	{"zstd", "--version"},
	{"skopeo", "--version"},
	{"umoci", "--version"},
	{"find", "--version"},
	{"xargs", "--version"},
}

// machine returns what the numbers depend on, a line for each.
func machine(ctx context.Context, bin string) []string {
	lines := []string{
		"Date: " + time.Now().UTC().Format(time.DateOnly),
		fmt.Sprintf("Processor: %s, %d of them", known("/proc/cpuinfo", `(?m)^model name\s*:\s*(.*)$`), runtime.NumCPU()),
		"Memory: " + known("/proc/meminfo", `(?m)^MemTotal:\s*(.*)$`),
		fmt.Sprintf("System: %s/%s, Linux %s", runtime.GOOS, runtime.GOARCH, known("/proc/sys/kernel/osrelease", `(.*)`)),
		"Load before: " + known("/proc/loadavg", `^(\S+ \S+ \S+)`) + ". Numbers from a machine that does other things are worth little.",
		"Measured: " + self(ctx, bin),
	}
	var tools []string
	for _, v := range versions {
		tools = append(tools, v[0]+" "+version(ctx, v))
	}
	tools = append(tools, "go-containerregistry "+library(filepath.Join(bin, "gcrvalidate"), "github.com/google/go-containerregistry"),
		"klauspost/compress "+library(filepath.Join(bin, "gunzip"), "github.com/klauspost/compress"))
	return append(lines, "Beside it: "+strings.Join(tools, ", "))
}

// known returns what a pattern finds in a file of the kernel's.
func known(file, pattern string) string {
	raw, err := os.ReadFile(file)
	m := regexp.MustCompile(pattern).FindSubmatch(raw)
	if err != nil || m == nil {
		return "unknown"
	}
	return strings.TrimSpace(string(m[1]))
}

// number is a version in what a program says of itself.
var number = regexp.MustCompile(`\d+(\.\d+)+\S*`)

// version returns the version of a program.
func version(ctx context.Context, command []string) string {
	if _, err := exec.LookPath(command[0]); err != nil {
		return "(not installed)"
	}
	out, _ := exec.CommandContext(ctx, command[0], command[1:]...).Output()
	if found := number.Find(out); found != nil {
		return strings.TrimRight(string(found), ",;")
	}
	return "(of an unknown version)"
}

// self returns what ocilayout says of itself and its Go.
func self(ctx context.Context, bin string) string {
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "ocilayout"), "version").Output()
	if err != nil {
		return "ocilayout of an unknown version"
	}
	return strings.TrimSpace(string(out))
}

// library returns the version of a module that a program is built with.
func library(program, path string) string {
	info, err := buildinfo.ReadFile(program)
	if err == nil {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "(of an unknown version)"
}
