package layout_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A blob is copied, and known to be what its descriptor says once that is done.
func ExampleLayout_Fetch() {
	l, err := layout.Open("../testdata/layouts/real/buildah-push")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	ctx := context.Background()
	images, err := l.Images(ctx, layout.Selector{RefName: "1.0"})
	if err != nil {
		log.Fatal(err)
	}
	config, err := l.Fetch(ctx, &images[0].Manifest.Config)
	if err != nil {
		log.Fatal(err) // it is missing, or has another size
	}
	defer config.Close()
	if _, err := io.Copy(os.Stdout, config); err != nil {
		log.Fatal(err) // also where its bytes are others
	}
	// Output:
	// {"created":"1970-01-01T00:00:00Z","author":"A. Author","architecture":"amd64","os":"linux","config":{"Cmd":["/bin/hello"],"Labels":{"io.buildah.version":"1.28.2"}},"rootfs":{"type":"layers","diff_ids":["sha256:1d737aca2fb1e24528b1fa06547fc47329e7425b75359ffa33b7e4578e8918b1"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"copy files","author":"A. Author"}]}
}

var contents = []string{"", "x", strings.Repeat("0123456789", 30_000)}

// fetched is all that Fetch gives of a blob.
func fetched(ctx context.Context, l *layout.Layout, d *model.Descriptor) (string, error) {
	r, err := l.Fetch(ctx, d)
	if err != nil {
		return "", err
	}
	raw, err := io.ReadAll(r)
	return string(raw), errors.Join(err, r.Close())
}

func TestFetch(t *testing.T) {
	for _, content := range contents {
		for _, algorithm := range []digest.Algorithm{digest.SHA256, digest.SHA512} {
			s := newSite()
			s.Algorithm = algorithm
			d := s.Blob("text/plain", []byte(content))
			l := s.open(t)
			r, err := l.Fetch(t.Context(), &d)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, []byte(content)); err != nil {
				t.Errorf("%d bytes: %v", len(content), err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			embedded := d
			embedded.Data = []byte(content)
			if err := layouttest.Remove(s.fs, blobs.Path(d.Digest)); err != nil {
				t.Fatal(err)
			}
			if got, err := fetched(t.Context(), l, &embedded); err != nil || got != content {
				t.Errorf("embedded, %d bytes: got %d, %v", len(content), len(got), err)
			}
			if _, err := fetched(t.Context(), l, &d); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("of a blob that is absent: %v", err)
			}
			embedded.Data = append(embedded.Data, 'x')
			if _, err := fetched(t.Context(), l, &embedded); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("of a blob that is absent, with other bytes embedded: %v", err)
			}
		}
	}
}

// Bytes that are others are never all given, and never end in io.EOF, however they
// are read: to the end, or as many as there should be.
func TestFetchMismatch(t *testing.T) {
	for _, content := range contents[1:] {
		for name, damage := range map[string]func(fsys afero.Fs, blob string) error{
			"first byte": func(fsys afero.Fs, blob string) error { return layouttest.Corrupt(fsys, blob, 0) },
			"last byte":  func(fsys afero.Fs, blob string) error { return layouttest.Corrupt(fsys, blob, len(content)-1) },
			"shorter": func(fsys afero.Fs, blob string) error {
				return layouttest.Truncate(fsys, blob, len(content)-1)
			},
			"longer": func(fsys afero.Fs, blob string) error { return layouttest.Append(fsys, blob, "x") },
		} {
			s := newSite()
			d := s.Blob("text/plain", []byte(content))
			l := s.open(t)
			if err := damage(s.fs, blobs.Path(d.Digest)); err != nil {
				t.Fatal(err)
			}
			got, err := fetched(t.Context(), l, &d)
			if !errors.Is(err, layout.ErrMismatch) || len(got) >= len(content) {
				t.Errorf("%s: %d of %d bytes, %v", name, len(got), len(content), err)
			}
			r, err := l.Fetch(t.Context(), &d)
			if err != nil {
				continue // it has another size
			}
			if n, err := io.ReadFull(r, make([]byte, len(content))); !errors.Is(err, layout.ErrMismatch) || n == len(content) {
				t.Errorf("%s: %d bytes in one read, %v", name, n, err)
			}
			if _, err := r.Read(make([]byte, 1)); !errors.Is(err, layout.ErrMismatch) {
				t.Errorf("%s: after the error %v", name, err)
			}
			r.Close()
		}
	}
}

// Whatever each operation does, all bytes come or an error does, and the file is closed.
func TestFetchFaults(t *testing.T) {
	content := strings.Repeat("0123456789", 200)
	s := newSite()
	d := s.Blob("text/plain", []byte(content))
	l, asked := s.noted(t)
	if _, err := fetched(t.Context(), l, &d); err != nil {
		t.Fatal(err)
	}
	for _, op := range asked.Ops() {
		for name, fault := range faultfs.EveryFault(op.Kind) {
			if name == "panic" {
				continue
			}
			f := &faultfs.Faults{Plan: faultfs.From(op, fault)}
			got, err := fetched(t.Context(), layout.New(f.Over(s.fs)), &d)
			if err == nil && got != content || err != nil && op.Kind != faultfs.OpClose && got == content {
				t.Errorf("%s: %v: %d bytes, %v", name, op, len(got), err)
			}
			if open := f.Unclosed(); len(open) > 0 {
				t.Errorf("%s: %v: %q stay open", name, op, open)
			}
		}
	}
	grows := &faultfs.Faults{Plan: faultfs.On(faultfs.OpRead, blobs.Path(d.Digest), faultfs.Endless())}
	if got, err := fetched(t.Context(), layout.New(grows.Over(s.fs)), &d); !errors.Is(err, layout.ErrMismatch) || len(got) >= len(content) {
		t.Errorf("of a file without an end: %d bytes, %v", len(got), err)
	}
	failing := &faultfs.Faults{Plan: faultfs.On(faultfs.OpRead, blobs.Path(d.Digest), faultfs.Together(syscall.EIO))}
	if got, err := fetched(t.Context(), layout.New(failing.Over(s.fs)), &d); !errors.Is(err, syscall.EIO) || errors.Is(err, layout.ErrMismatch) {
		t.Errorf("of a disk that fails: %d bytes, %v", len(got), err)
	}
}

func TestFetchRefuses(t *testing.T) {
	s := newSite()
	d := s.Blob("text/plain", []byte("hello"))
	l := s.open(t)
	for name, tc := range map[string]struct {
		change func(*model.Descriptor)
		want   error
	}{
		"size":      {func(d *model.Descriptor) { d.Size = 6 }, layout.ErrMismatch},
		"no size":   {func(d *model.Descriptor) { d.Size = -1 }, layout.ErrMismatch},
		"digest":    {func(d *model.Descriptor) { d.Digest = "../../etc/passwd" }, model.ErrDigest},
		"algorithm": {func(d *model.Descriptor) { d.Digest = "md4:aa"; s.File(blobs.Path(d.Digest), []byte("hello")) }, digest.ErrDigestUnsupported},
	} {
		other := d
		tc.change(&other)
		if r, err := l.Fetch(t.Context(), &other); !errors.Is(err, tc.want) || r != nil {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestFetchEndsEarly(t *testing.T) {
	s := newSite()
	d := s.Blob("text/plain", []byte(contents[2]))
	l, asked := s.noted(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	r, err := l.Fetch(ctx, &d)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.Read(make([]byte, 10)); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	cause := errors.New("enough")
	cancel(cause)
	if n, err := r.Read(make([]byte, 10)); n != 0 || err != cause {
		t.Errorf("after a cancel: %d bytes, %v", n, err)
	}
	if err := r.Close(); err != nil || len(asked.Unclosed()) > 0 {
		t.Errorf("closed with %v, open are %q", err, asked.Unclosed())
	}
	if r, err = l.Fetch(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closed before the end with %v", err)
	}
	if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("after Close: %d bytes, %v", n, err)
	}
	if _, err := bytes.NewBuffer(nil).ReadFrom(r); err == nil {
		t.Error("after Close it ends as if all were read")
	}
}
