package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
)

// templateOf returns the template that a value of --format is: what follows
// "go-template=", and what holds an action, as docker and podman take it.
func templateOf(format string) (string, bool) {
	if source, ok := strings.CutPrefix(format, templateFormat); ok {
		return source, true
	}
	return format, strings.Contains(format, "{{")
}

// templateNames returns an inspection by the names that a template may use: those of
// --format json, and beside them, where one image is shown, those of docker, podman and
// skopeo inspect.
func templateNames(i inspection) (map[string]any, error) {
	raw, err := json.Marshal(i)
	if err != nil {
		return nil, err
	}
	names := make(map[string]any)
	if err := json.Unmarshal(raw, &names); err != nil {
		return nil, err
	}
	if i.Manifest == nil {
		return names, nil
	}
	m := i.Manifest
	layers, diffIDs := []string{}, []string{}
	for _, l := range m.Layers {
		layers = append(layers, l.Digest)
		if l.DiffID != "" {
			diffIDs = append(diffIDs, l.DiffID)
		}
	}
	names["Digest"], names["MediaType"], names["Size"] = m.Digest, m.MediaType, m.TotalSize
	names["RepoTags"], names["Annotations"], names["Layers"] = m.References, orEmpty(m.Annotations), layers
	if p := m.Platform; p != nil {
		names["Os"], names["Architecture"], names["Variant"], names["OsVersion"] = p.OS, p.Architecture, p.Variant, p.OSVersion
	}
	if image := m.Image; image != nil {
		config := dockerConfig(image)
		names["Id"], names["Created"], names["Author"], names["Config"] = image.ID, image.Created, image.Author, config
		names["Labels"], names["Env"], names["User"] = config["Labels"], config["Env"], image.User
		names["RootFS"] = map[string]any{"Type": "layers", "Layers": diffIDs}
		history := []map[string]any{}
		for _, h := range m.History {
			history = append(history, map[string]any{"created": h.Created, "created_by": h.CreatedBy, "comment": h.Comment, "empty_layer": h.EmptyLayer})
		}
		names["History"] = history
	}
	return names, nil
}

// dockerConfig is what docker inspect shows as Config.
func dockerConfig(image *show.Image) map[string]any {
	return map[string]any{
		"User": image.User, "Env": listOrEmpty(image.Env), "Entrypoint": listOrEmpty(image.Entrypoint), "Cmd": listOrEmpty(image.Cmd),
		"WorkingDir": image.WorkingDir, "Labels": orEmpty(image.Labels), "StopSignal": image.StopSignal,
		"ExposedPorts": setOf(image.ExposedPorts), "Volumes": setOf(image.Volumes),
	}
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func listOrEmpty(list []string) []string { return append([]string{}, list...) }

func setOf(list []string) map[string]struct{} {
	set := make(map[string]struct{})
	for _, item := range list {
		set[item] = struct{}{}
	}
	return set
}

var missingName = regexp.MustCompile(`no entry for key "([^"]*)"`)

// noSuchName returns the usage error about a template: where it asks for a name that is
// not there, with the names that are near to it.
func noSuchName(err error, i inspection) error {
	e := &exit.UsageError{Message: "--format: " + err.Error()}
	missing := missingName.FindStringSubmatch(err.Error())
	if missing == nil {
		return e
	}
	names, encoding := templateNames(i)
	if encoding != nil {
		return errors.Join(err, encoding)
	}
	e.Hint = "'ocilayout inspect --format json' shows the names"
	if near := nearNames(missing[1], names); len(near) > 0 {
		e.Hint = "near to it: " + strings.Join(near, ", ")
	} else if word := missing[1]; i.Manifest == nil && word != "" && word[0] >= 'A' && word[0] <= 'Z' {
		e.Hint = "." + report.Text(word) + " is of one image, and this is not one: choose one with a tag, a digest or --platform"
	}
	return e
}

// nearNames returns those of all names, with what leads to them, that are the word but for
// letter case or a slip.
func nearNames(word string, names map[string]any) []string {
	const most = 6
	paths := make(map[string][]string) // by the last name of them
	var collect func(prefix string, names map[string]any)
	collect = func(prefix string, names map[string]any) {
		for name, value := range names {
			paths[name] = append(paths[name], prefix+"."+name)
			if below, ok := value.(map[string]any); ok && !slices.Contains([]string{"annotations", "labels"}, strings.ToLower(name)) {
				collect(prefix+"."+name, below)
			}
		}
	}
	collect("", names)
	var near []string
	for name, all := range paths {
		if cli.Near(word, name) {
			near = append(near, all...)
		}
	}
	slices.SortFunc(near, func(a, b string) int {
		if n := strings.Count(a, ".") - strings.Count(b, "."); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return near[:min(len(near), most)]
}
