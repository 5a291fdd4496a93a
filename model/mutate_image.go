package model

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
)

// AddLayer adds a layer on top of those there are, and the history entry of the
// step that made it. Where the image has layers and no history, each of them
// gets an empty entry, so that the entries go on telling the layers (config.md,
// history); a zero History adds no entry to an image without history.
//
// A bad digest, an entry that says EmptyLayer or that has a bad time, a rootfs of
// another type than layers, and a history that does not fit the layers there
// are, is [ErrRefused].
func (i *Image) AddLayer(diffID digest.Digest, h History) error {
	if _, err := ParseDigest(string(diffID)); err != nil {
		return refused("a diff id: %w", err)
	}
	if h.EmptyLayer {
		return refused("a history entry that says empty_layer stands for no layer")
	}
	if err := h.sound(); err != nil {
		return err
	}
	if err := errors.Join(i.RootFS.changeable("diff_ids"), i.changeable("history")); err != nil {
		return err
	}
	if i.RootFS.Type != "" && i.RootFS.Type != "layers" {
		return refused("the type of rootfs is %q", clip(i.RootFS.Type))
	}
	entries := i.layerEntries()
	if len(i.History) > 0 && entries != len(i.RootFS.DiffIDs) {
		return refused("the history tells of %d layers, and there are %d", entries, len(i.RootFS.DiffIDs))
	}
	if !h.empty() || len(i.History) > 0 {
		i.History = append(i.History, make([]History, len(i.RootFS.DiffIDs)-entries)...)
		i.addHistory(h)
	}
	i.RootFS.Type = "layers"
	i.RootFS.set("type")
	i.RootFS.DiffIDs = append(i.RootFS.DiffIDs, diffID)
	i.RootFS.set("diff_ids")
	i.set("rootfs")
	return nil
}

// AppendHistory adds the entry of a step that made no layer: it has to say
// EmptyLayer. Any other, which comes with its layer by AddLayer, and a bad time
// is [ErrRefused].
func (i *Image) AppendHistory(h History) error {
	if !h.EmptyLayer {
		return refused("a history entry without empty_layer comes with its layer")
	}
	if err := h.sound(); err != nil {
		return err
	}
	if err := errors.Join(i.RootFS.changeable("diff_ids"), i.changeable("history")); err != nil {
		return err
	}
	if len(i.History) == 0 {
		i.History = make([]History, len(i.RootFS.DiffIDs), len(i.RootFS.DiffIDs)+1)
	}
	i.addHistory(h)
	return nil
}

func (i *Image) addHistory(h History) {
	i.History = append(i.History, h)
	i.set("history")
}

// layerEntries counts the history entries that stand for a layer.
func (i *Image) layerEntries() int {
	n := 0
	for _, h := range i.History {
		if !h.EmptyLayer {
			n++
		}
	}
	return n
}

func (h *History) empty() bool {
	return h.Created == "" && h.CreatedBy == "" && h.Author == "" && h.Comment == "" && !h.EmptyLayer && h.shape == nil
}

func (h *History) sound() error {
	if h.bad != 0 {
		return refused("a history entry that could not be loaded as a whole")
	}
	if h.Created != "" && timeForm(h.Created) != timeUsual {
		return refused("%q is no time as RFC 3339 and all programs write it", clip(h.Created))
	}
	if !utf8.ValidString(h.CreatedBy) || !utf8.ValidString(h.Author) || !utf8.ValidString(h.Comment) {
		return refused("a history entry is not UTF-8")
	}
	return nil
}

// SetEnv sets an environment variable: in place where it is set already, else
// after the others. Where it is set more than once, it stays in the first place
// and the others are dropped. A name that is empty or holds "=", and text that holds
// a NUL or is not UTF-8, is [ErrRefused].
func (i *Image) SetEnv(name, value string) error {
	switch {
	case name == "" || strings.ContainsAny(name, "=\x00"):
		return refused("%q is no name of an environment variable", clip(name))
	case strings.Contains(value, "\x00") || !utf8.ValidString(name) || !utf8.ValidString(value):
		return refused("the environment variable %q holds what no environment can", clip(name))
	}
	if err := i.Config.changeable("Env"); err != nil {
		return err
	}
	is := func(entry string) bool {
		n, _, _ := strings.Cut(entry, "=")
		return n == name
	}
	env := i.Config.Env
	if at := slices.IndexFunc(env, is); at < 0 {
		env = append(env, name+"="+value)
	} else {
		env[at] = name + "=" + value
		env = append(env[:at+1], slices.DeleteFunc(env[at+1:], is)...)
	}
	i.Config.Env = env
	i.Config.set("Env")
	i.set("config")
	return nil
}

// SetLabel sets one label, in place of any of that name. An empty name, and text
// that is not UTF-8, is [ErrRefused].
func (i *Image) SetLabel(name, value string) error {
	if err := i.Config.setString(&i.Config.Labels, "Labels", "a label", name, value); err != nil {
		return err
	}
	i.set("config")
	return nil
}

// ExposePort adds a port that a container listens on, of the form port/tcp,
// port/udp, or port for tcp (config.md, ExposedPorts). Any other form, and a
// number that is none of a port, is [ErrRefused].
func (i *Image) ExposePort(key string) error {
	if port(key) != portSound {
		return refused("%q is no port", clip(key))
	}
	return i.setEmpty(&i.Config.ExposedPorts, "ExposedPorts", key)
}

// AddVolume adds a directory that a container writes to (config.md, Volumes). An
// empty path, and one that is not UTF-8 or holds a NUL, is [ErrRefused].
func (i *Image) AddVolume(path string) error {
	if path == "" || strings.Contains(path, "\x00") || !utf8.ValidString(path) {
		return refused("%q is no path", clip(path))
	}
	return i.setEmpty(&i.Config.Volumes, "Volumes", path)
}

// setEmpty puts a name into the map of a member of the configuration, and leaves
// the value of one that is there.
func (i *Image) setEmpty(m *map[string]Empty, member, name string) error {
	if err := i.Config.changeable(member); err != nil {
		return err
	}
	if *m == nil {
		*m = make(map[string]Empty)
	}
	if _, ok := (*m)[name]; !ok {
		(*m)[name] = Empty{}
	}
	i.Config.set(member)
	i.set("config")
	return nil
}
