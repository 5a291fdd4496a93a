package blobs

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// mostMisplaced bounds what is remembered of files that are named by a digest in another place
// or form than a layout has it. What is beyond that is missing.
const mostMisplaced = 50_000

// misplaced knows files of one place that are named by a digest where nothing looks for it.
type misplaced struct {
	once  sync.Once
	files map[digest.Digest]string // paths within the file system; not changed once they are listed
	first string                   // of the paths, in their order
	dirs  int                      // that were listed, of those by first digits
}

// Find is Stat that also finds a blob that is not where it belongs: one level too high,
// under a name with the algorithm, with an extension or in upper case, in directories by
// its first digits, or under backslashes. Info.Misplaced says so, and all methods read
// the blob from there. Names alone are compared. At the first blob that is missing, the
// directories that can hold such names are listed, once for the Store.
func (s *Store) Find(d digest.Digest) (Info, error) {
	info, err := s.Stat(d)
	if err == nil || !Absent(err) {
		return info, err
	}
	for i := range s.places {
		name := s.places[i].misplaced(d)
		if name == "" {
			continue
		}
		p := s.places[i]
		found, statErr := statFile(p.fs, name)
		if statErr == nil {
			statErr = p.behindLinks(name)
		}
		if statErr == nil {
			found.Path, found.file, found.place = p.labelled(name), name, i
			return found, nil
		}
	}
	return info, err
}

// Misplaced says whether the blob lies elsewhere than where its digest leads.
func (i Info) Misplaced() bool { return i.file != "" }

// Misplaced returns how many files of the layout itself are named by a digest where nothing
// looks for it, as far as they are listed, and the path of the first of them. It is ""
// and 0 where there is none. Cost: as for Find.
func (s *Store) Misplaced() (n int, first string) {
	p := s.places[0]
	p.odd.once.Do(p.lookAround)
	return len(p.odd.files), p.odd.first
}

// behindLinks says whether a directory on the way to a file is a symlink that may lead
// anywhere.
func (p place) behindLinks(name string) error {
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if linked, err := p.linked(dir); linked || err != nil {
			return cmp.Or(err, ErrNotRegular)
		}
	}
	return nil
}

// labelled returns how a file of the place is named in reports.
func (p place) labelled(name string) string {
	if p.label == p.dir {
		return name
	}
	return path.Join(p.label, name)
}

// misplaced returns the path of a file that is named by the digest, or "".
func (p place) misplaced(d digest.Digest) string {
	p.odd.once.Do(p.lookAround)
	return p.odd.files[d]
}

// registryBlobs is where a registry keeps its blobs.
const registryBlobs = "docker/registry/v2/blobs/sha256"

// lookAround lists what can hold misplaced blobs: the root, blobs, and in both of them what
// is named like an algorithm.
func (p place) lookAround() {
	p.odd.files = make(map[digest.Digest]string)
	root := p.oddNames(".", "")
	p.lookInto(".", root)
	for _, name := range root {
		if folded := strings.ToLower(name); folded == model.BlobsDir || folded == "blob" {
			p.lookInto(name, p.oddNames(name, ""))
		}
	}
	if slices.Contains(root, "docker") {
		for _, name := range p.oddNames(registryBlobs, "") {
			p.enter(registryBlobs, name, "sha256")
		}
	}
	for _, name := range p.odd.files {
		if p.odd.first == "" || name < p.odd.first {
			p.odd.first = name
		}
	}
}

// lookInto enters the names in the root or in blobs, and those in directories that are
// named like algorithms.
func (p place) lookInto(top string, names []string) {
	for _, name := range names {
		if !isAlgorithm(name) {
			p.enter(top, name, "")
		}
	}
	for _, name := range names {
		if !isAlgorithm(name) {
			continue
		}
		dir, algorithm := path.Join(top, name), foldedAlgorithm(name)
		known := ""
		if dir == path.Join(p.dir, algorithm) {
			known = algorithm
		}
		for _, name := range p.oddNames(dir, known) {
			p.enter(dir, name, algorithm)
		}
	}
}

// enter notes a file that is named by a digest, or a directory by whose names blobs are
// divided. The first one counts.
func (p place) enter(dir, name, algorithm string) {
	if isShard(name) {
		p.lookIntoShard(path.Join(dir, name), strings.ToLower(name), algorithm)
		return
	}
	d, ok := Misnamed(name, algorithm)
	if _, known := p.odd.files[d]; ok && !known && len(p.odd.files) < mostMisplaced {
		p.odd.files[d] = path.Join(dir, name)
	}
}

// mostShards bounds how many directories by first digits are listed.
const mostShards = 2000

func isShard(name string) bool { return len(name) == 2 && strings.Trim(name, hexadecimal) == "" }

// lookIntoShard enters what lies in a directory that is named by the first digits of
// digests: files of the whole digest or of the rest, directories as a registry has them,
// and again directories by digits.
func (p place) lookIntoShard(dir, digits, algorithm string) {
	if p.odd.dirs++; p.odd.dirs > mostShards {
		return
	}
	for _, name := range p.oddNames(dir, "") {
		if isShard(name) && len(digits) == 2 {
			p.lookIntoShard(path.Join(dir, name), digits+strings.ToLower(name), algorithm)
			continue
		}
		file := path.Join(dir, name)
		d, ok := Misnamed(name, algorithm)
		if !ok {
			d, ok = Misnamed(digits+name, algorithm)
		}
		if _, known := p.odd.files[d]; !ok || known || len(p.odd.files) >= mostMisplaced || !strings.HasPrefix(d.Encoded(), digits) {
			continue
		}
		if info, err := lstat(p.fs, file); err == nil && info.IsDir() {
			file = path.Join(file, "data")
		}
		p.odd.files[d] = file
	}
}

// oddNames returns the names in a directory but for those that are in their place, if it
// is that of an algorithm. Those that cannot be listed are none.
func (p place) oddNames(dir, algorithm string) []string {
	if info, err := p.fs.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	f, err := p.fs.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	var names []string
	eachName(f, func(name string) {
		if len(names) == 2*mostMisplaced || name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return
		}
		if algorithm != "" {
			if _, err := model.ParseDigest(algorithm + ":" + name); err == nil {
				return
			}
		}
		names = append(names, name)
	})
	slices.Sort(names)
	return names
}

const hexadecimal = "0123456789abcdefABCDEF"

// lengths are those of digests, by which one without its algorithm is recognised.
var lengths = map[string]int{"sha256": 64, "sha384": 96, "sha512": 128, "blake3": 64}

// foldedAlgorithm returns the algorithm that a directory is named after, however that is
// written.
func foldedAlgorithm(name string) string {
	return strings.NewReplacer("-", "", "_", "", ":", "").Replace(strings.ToLower(name))
}

func isAlgorithm(name string) bool { return lengths[foldedAlgorithm(name)] > 0 }

// unfinished are extensions of files that are no blobs, although they are named by a digest.
var unfinished = []string{"tmp", "temp", "part", "partial", "incomplete", "download", "crdownload", "lock", "swp", "bak", "sig", "asc", "sum", "md5", "sha256", "sha512"}

// Misnamed returns the digest that a file's name contains in a form that no layout has:
// with the algorithm (sha256:HEX, sha256-HEX, sha256.HEX), with an extension, in upper
// case, with directories and backslashes before it, or as it is but in another place.
// algorithm is that of the directory, or "": then it goes by the length. Names of
// unfinished files, backups and signatures do not count.
func Misnamed(name, algorithm string) (digest.Digest, bool) {
	if i := strings.LastIndexByte(name, '\\'); i >= 0 {
		parts := strings.Split(name[:i], `\`)
		if above := parts[len(parts)-1]; isAlgorithm(above) {
			algorithm = foldedAlgorithm(above)
		}
		name = name[i+1:]
	}
	for known := range lengths {
		if len(name) > len(known)+1 && strings.EqualFold(name[:len(known)], known) && strings.ContainsRune(":-._@", rune(name[len(known)])) {
			algorithm, name = known, name[len(known)+1:]
			break
		}
	}
	encoded := name[:len(name)-len(strings.TrimLeft(name, hexadecimal))]
	rest := name[len(encoded):]
	if rest != "" && (rest[0] != '.' || len(rest) == 1 || len(rest) > 20) {
		return "", false
	}
	if slices.Contains(unfinished, strings.ToLower(rest[strings.LastIndexByte(rest, '.')+1:])) {
		return "", false
	}
	if algorithm == "" {
		switch len(encoded) {
		case 64:
			algorithm = "sha256"
		case 96:
			algorithm = "sha384"
		case 128:
			algorithm = "sha512"
		}
	}
	d, err := model.ParseDigest(algorithm + ":" + strings.ToLower(encoded))
	return d, err == nil && lengths[algorithm] == len(encoded)
}
