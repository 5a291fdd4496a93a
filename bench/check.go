package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// valid makes sure that ocilayout has found the layout valid at the level, and
// without a finding.
func valid(r *row, s *sample, stdout []byte) error {
	if r.level == decoder {
		return unpackedBytes(s, paths{}, stdout)
	}
	for _, want := range []string{s.Dir + ": valid - ", ", at level " + r.level + ".\n"} {
		if !bytes.Contains(stdout, []byte(want)) {
			return fmt.Errorf("%q is not in what it prints: %s", want, beginning(stdout))
		}
	}
	return nil
}

func beginning(out []byte) []byte { return out[:min(len(out), 2000)] }

// sum is how openssl prints one.
var sum = regexp.MustCompile(`(?m)= ([0-9a-f]{64})$`)

// sums compares what openssl printed, in any order, with what is right.
func sums(stdout []byte, right []string) error {
	var got []string
	for _, m := range sum.FindAllSubmatch(stdout, -1) {
		got = append(got, string(m[1]))
	}
	slices.Sort(got)
	slices.Sort(right)
	if !slices.Equal(got, right) {
		return fmt.Errorf("%d sums, which are not the %d of the layout: %s", len(got), len(right), beginning(stdout))
	}
	return nil
}

func allBlobs(s *sample, _ paths, stdout []byte) error {
	names, err := blobNames(s)
	if err != nil {
		return err
	}
	return sums(stdout, names)
}

// blobNames returns the digests of all blobs. They were named when they were made,
// by what they hash to.
func blobNames(s *sample) ([]string, error) {
	files, err := os.ReadDir(filepath.Join(s.Dir, "blobs", "sha256"))
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if err == nil && len(names) != s.Blobs {
		err = fmt.Errorf("%s has %d blobs, and %d were made", s.Dir, len(names), s.Blobs)
	}
	return names, err
}

func allBlobsInFiles(s *sample, p paths, _ []byte) error {
	files, err := os.ReadDir(p.scratch)
	if err != nil {
		return err
	}
	var stdout []byte
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(p.scratch, f.Name()))
		if err != nil {
			return err
		}
		stdout = append(stdout, raw...)
	}
	return allBlobs(s, p, stdout)
}

func allDiffIDs(s *sample, _ paths, stdout []byte) error {
	var right []string
	for _, l := range s.Layers {
		right = append(right, l.DiffID.Encoded())
	}
	return sums(stdout, right)
}

func blobAndDiffID(s *sample, _ paths, stdout []byte) error {
	l := s.Layers[0]
	return sums(stdout, []string{l.Blob.Encoded(), l.DiffID.Encoded()})
}

// manifestOf wants the digest of the manifest: the program prints it once all that
// it leads to is validated.
func manifestOf(s *sample, _ paths, stdout []byte) error {
	if got := strings.TrimSpace(string(stdout)); got != string(s.Manifest) {
		return fmt.Errorf("it says %q, and the manifest is %s", got, s.Manifest)
	}
	return nil
}

// unpackedBytes wants the length of what the one layer unpacks to.
func unpackedBytes(s *sample, _ paths, stdout []byte) error {
	if got, want := strings.TrimSpace(string(stdout)), strconv.FormatInt(s.plain(), 10); got != want {
		return fmt.Errorf("it says %q, and the layer unpacks to %s bytes", got, want)
	}
	return nil
}

func allSizes(s *sample, _ paths, stdout []byte) error {
	blobs, size := 0, int64(0)
	for lines := bufio.NewScanner(bytes.NewReader(stdout)); lines.Scan(); blobs++ {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return err
		}
		size += n
	}
	if blobs != s.Blobs || size != s.Bytes {
		return fmt.Errorf("%d blobs of %d bytes, and there are %d of %d", blobs, size, s.Blobs, s.Bytes)
	}
	return nil
}

// copied wants each layer in the copy, with all its bytes.
func copied(s *sample, p paths, _ []byte) error {
	for _, l := range s.Layers {
		info, err := os.Stat(filepath.Join(p.scratch, "copy", l.Blob.Encoded()))
		if err != nil {
			return err
		}
		if info.Size() != l.Size {
			return fmt.Errorf("%s has %d bytes in the copy, and not %d", l.Blob, info.Size(), l.Size)
		}
	}
	return nil
}

// unpacked wants every file of the layers.
func unpacked(s *sample, p paths, _ []byte) error {
	files := 0
	err := filepath.WalkDir(filepath.Join(p.scratch, "bundle", "rootfs"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files++
		}
		return err
	})
	if err == nil && files != s.Files {
		err = fmt.Errorf("%d files were unpacked, and there are %d", files, s.Files)
	}
	return err
}

func nothing(_ *sample, _ paths, stdout []byte) error {
	if len(stdout) > 0 {
		return errors.New("it prints something")
	}
	return nil
}
