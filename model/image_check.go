package model

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

func (i *Image) validate(c *checker) {
	const what = "an image configuration"
	c.required(&i.Members, rule.ConfigMemberMissing, what, "architecture", i.Architecture == "")
	c.required(&i.Members, rule.ConfigMemberMissing, what, "os", i.OS == "")
	if i.RootFS.Type != "" || i.RootFS.DiffIDs != nil || i.Has("rootfs") && !i.Wrong("rootfs") {
		c.in("rootfs", func() { i.RootFS.validate(c) })
	} else {
		c.required(&i.Members, rule.ConfigMemberMissing, what, "rootfs", true)
	}
	if i.absent("os", i.OS == "") && i.absent("rootfs", i.RootFS.Type == "") {
		c.report(rule.ConfigOfArtifact, "", "without os and rootfs this looks like the configuration of an artifact, whose media type must be another", "", "")
	}
	c.time(&i.Members, "created", i.Created)
	c.platform(&i.Members, i.Platform())
	c.in("config", func() { i.Config.validate(c, i.OS) })
	c.each("history", len(i.History), func(n int) {
		c.time(&i.History[n].Members, "created", i.History[n].Created)
	})
	i.historyCount(c)
}

// historyCount holds the number of layers that the history tells of against that
// of the diff ids.
func (i *Image) historyCount(c *checker) {
	if len(i.History) == 0 || i.IsCut() || i.Wrong("history") || i.RootFS.Wrong("diff_ids") || i.Wrong("rootfs") ||
		i.RootFS.Loaded() && !i.RootFS.Has("diff_ids") || i.Loaded() && !i.Has("rootfs") {
		return
	}
	made := 0
	for n := range i.History {
		h := &i.History[n]
		if h.Wrong("empty_layer") {
			return // and nobody knows how many it tells of
		}
		if !h.EmptyLayer {
			made++
		}
	}
	if made != len(i.RootFS.DiffIDs) {
		c.report(rule.HistoryCount, "history", "the history tells of another number of layers than there are diff ids",
			strconv.Itoa(len(i.RootFS.DiffIDs)), strconv.Itoa(made))
	}
}

func (r *RootFS) validate(c *checker) {
	c.required(&r.Members, rule.ConfigMemberMissing, "rootfs", "type", r.Type == "")
	c.required(&r.Members, rule.ConfigMemberMissing, "rootfs", "diff_ids", r.shape != nil && len(r.DiffIDs) == 0)
	if r.Type != "layers" && (r.Type != "" || r.Has("type") && !r.Wrong("type")) {
		c.report(rule.ConfigRootFSType, "type", "the type of rootfs is not layers", "layers", clip(r.Type))
	}
	c.each("diff_ids", len(r.DiffIDs), func(n int) {
		if r.DiffIDs[n] != "" || !r.Wrong("diff_ids") { // an element of another type is reported already
			c.diffID(string(r.DiffIDs[n]))
		}
	})
}

func (c *checker) diffID(value string) {
	if _, err := ParseDigest(value); err != nil {
		c.report(rule.DiffIDGrammar, "", err.Error(), "", clip(value))
	}
}

var stopSignal = regexp.MustCompile(`^(?:SIG[A-Z0-9]+(?:[+-][0-9]+)?|[0-9]+)$`)

func (g *ImageConfig) validate(c *checker, os string) {
	if os != "windows" && os != "" && !isUser(g.User) {
		c.report(rule.ConfigUser, "User", "the value is not of the form user or user:group", "user:group", clip(g.User))
	}
	c.ports(g.ExposedPorts)
	c.env(g)
	c.emptyValues("Volumes", g.Volumes)
	c.in("Volumes", func() {
		for _, volume := range slices.Sorted(maps.Keys(g.Volumes)) {
			if !absolute(volume, os) {
				c.reportKey(rule.ConfigVolume, volume, "the path is not absolute", "", clip(volume))
			}
		}
	})
	if g.WorkingDir != "" && !absolute(g.WorkingDir, os) {
		c.report(rule.ConfigWorkingDir, "WorkingDir", "the path is not absolute, as runtimes need it", "", clip(g.WorkingDir))
	}
	c.annotations(&g.Members, "Labels", g.Labels)
	if g.StopSignal != "" && !stopSignal.MatchString(g.StopSignal) {
		c.report(rule.ConfigStopSignal, "StopSignal", "the value is neither a signal's name nor its number", "SIGTERM", clip(g.StopSignal))
	}
	if g.ArgsEscaped || g.Has("ArgsEscaped") && !g.Wrong("ArgsEscaped") {
		id := rule.ConfigArgsEscaped
		if os != "windows" && os != "" {
			id = rule.ConfigArgsEscapedOS
		}
		c.report(id, "ArgsEscaped", "the member is deprecated, and of use for old images of Windows alone", "", strconv.FormatBool(g.ArgsEscaped))
	}
	g.reserved(c)
	g.nuls(c)
}

func isUser(s string) bool {
	user, group, both := strings.Cut(s, ":")
	return s == "" || user != "" && (!both || group != "" && !strings.Contains(group, ":"))
}

// absolute says whether the path is one under the operating system; under one
// that is not known, whether it is under any.
func absolute(path, os string) bool {
	if os != "windows" && os != "" {
		return strings.HasPrefix(path, "/")
	}
	drive := len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
	return drive || strings.HasPrefix(path, `\`) || strings.HasPrefix(path, "/")
}

func (c *checker) ports(ports map[string]Empty) {
	c.emptyValues("ExposedPorts", ports)
	c.in("ExposedPorts", func() {
		for _, key := range slices.Sorted(maps.Keys(ports)) {
			switch port(key) {
			case portNone:
				c.reportKey(rule.ConfigPort, key, "the key is no port number with or without a protocol", "8080/tcp", clip(key))
			case portDocker:
				c.reportKey(rule.ConfigPortDocker, key, "the specification has no ranges of ports, and no protocol but tcp and udp", "8080/tcp", clip(key))
			}
		}
	})
}

// emptyValues reports values that are to be empty objects and are not.
func (c *checker) emptyValues(member string, values map[string]Empty) {
	c.in(member, func() {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			value := values[key]
			for range value.Unknown() {
				c.reportKey(rule.ConfigValueNotEmpty, key, "the value is not the empty object, and what it holds is ignored", "{}", "")
				break
			}
		}
	})
}

func (c *checker) env(g *ImageConfig) {
	first := make(map[string]int, len(g.Env))
	c.each("Env", len(g.Env), func(i int) {
		entry := g.Env[i]
		if entry == "" && g.Wrong("Env") {
			return // an element of another type is reported already
		}
		name, _, ok := strings.Cut(entry, "=")
		if !ok || name == "" {
			c.report(rule.ConfigEnv, "", "the entry is not of the form NAME=VALUE", "NAME=VALUE", clip(entry))
			return
		}
		if earlier, ok := first[name]; ok {
			c.report(rule.ConfigEnvDuplicate, "", "an earlier entry sets the same variable", "", "/config/Env/"+strconv.Itoa(earlier))
			return
		}
		first[name] = i
	})
}

// reserved judges the members that config.md reserves for runtimes of their own.
func (g *ImageConfig) reserved(c *checker) {
	for name, value := range g.Unknown() {
		value = bytes.TrimSpace(value)
		var want string
		switch name {
		case "Memory", "MemorySwap", "CpuShares":
			if _, err := strconv.ParseInt(string(value), 10, 64); err != nil {
				want = "integer"
			}
		case "Healthcheck":
			if value[0] != '{' {
				want = "object"
			}
		}
		if want != "" && string(value) != "null" {
			c.report(rule.ConfigReserved, name, "the member is reserved for values of another type", want, clip(string(value)))
		}
	}
}

// nuls reports strings that hold a NUL, which the system takes for their end.
func (g *ImageConfig) nuls(c *checker) {
	report := func(value string) {
		if strings.ContainsRune(value, 0) {
			c.report(rule.ConfigNUL, "", "the value holds a NUL, which no argument, variable or path of a process can", "", clip(value))
		}
	}
	one := func(member, value string) { c.in(member, func() { report(value) }) }
	list := func(member string, values []string) {
		c.each(member, len(values), func(i int) { report(values[i]) })
	}
	one("User", g.User)
	list("Env", g.Env)
	list("Entrypoint", g.Entrypoint)
	list("Cmd", g.Cmd)
	one("WorkingDir", g.WorkingDir)
	one("StopSignal", g.StopSignal)
	c.in("Volumes", func() {
		for _, path := range slices.Sorted(maps.Keys(g.Volumes)) {
			one(path, path)
		}
	})
	c.in("Labels", func() {
		for _, key := range slices.Sorted(maps.Keys(g.Labels)) {
			one(key, key+g.Labels[key])
		}
	})
	for name, value := range g.Unknown() { // of Docker's own members
		if name != "Shell" && name != "OnBuild" && name != "Healthcheck" {
			continue
		}
		for dec := newRawDecoder(value); ; {
			token, err := dec.ReadToken()
			if err != nil {
				break // the end
			}
			if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
				one(name, token.String())
				break
			}
		}
	}
}
