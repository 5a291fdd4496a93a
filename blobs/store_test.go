package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

var missing = digest.FromString("nobody wrote this")

func TestPath(t *testing.T) {
	d := digest.Digest("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
	if got, want := blobs.Path(d), "blobs/sha256/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"; got != want {
		t.Errorf("Path = %q, want %q", got, want)
	}
	if got := blobs.Path("sha256+b64u:a_-="); got != "blobs/sha256+b64u/a_-=" {
		t.Errorf("Path = %q", got)
	}
}

func TestStat(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		for _, content := range [][]byte{{}, []byte("{}"), large(7)} {
			d := s.blob(t, digest.SHA256, content)
			info, err := s.store.Stat(d)
			if err != nil || info.Path != blobs.Path(d) || info.Size != int64(len(content)) || info.Symlink {
				t.Errorf("Stat = %+v, %v, want %d bytes", info, err, len(content))
			}
		}
		s.put(t, "blobs/foo/bar", []byte("x"))
		if info, err := s.store.Stat("foo:bar"); err != nil || info.Path != "blobs/foo/bar" || info.Size != 1 {
			t.Errorf("Stat of an algorithm that nobody registered = %+v, %v", info, err)
		}
		info, err := s.store.Stat(missing)
		wantError(t, err, "stat", missing, fs.ErrNotExist)
		if !blobs.Absent(err) || info.Path != blobs.Path(missing) {
			t.Errorf("Stat of a missing blob = %+v, %v", info, err)
		}
	})
}

// wantError checks everything that is promised of an error.
func wantError(t *testing.T, err error, op string, d digest.Digest, cause error) {
	t.Helper()
	e, ok := errors.AsType[*blobs.Error](err)
	if !ok || e.Op != op || e.Digest != d || !errors.Is(err, cause) {
		t.Errorf("error %v (%T), want a *blobs.Error of %q and %.80q, by %v", err, err, op, d, cause)
	}
}

// A blob below something that is no directory is absent.
func TestStatBelowFile(t *testing.T) {
	for _, name := range []string{"blobs", "blobs/sha256"} {
		storages(t, func(t *testing.T, s storage) {
			s.put(t, name, []byte("x"))
			if _, err := s.store.Stat(missing); !blobs.Absent(err) {
				t.Errorf("%s is a file: %v, want an absent blob", name, err)
			}
		})
	}
}

// A digest that breaks the grammar never becomes a path.
func TestDigestIsNoPath(t *testing.T) {
	noted := new(faultfs.Faults)
	fsys := noted.Over(afero.NewMemMapFs())
	store := blobs.New(fsys)
	store.Add(fsys, "elsewhere")
	for _, d := range []digest.Digest{
		"", ":", "sha256", "sha256:", "sha256:../../../etc/passwd", "../x:y", "a:..", "..:..", "a:b/c", "a/b:c", "sha256:ABC",
		"sha256:" + digest.Digest(strings.Repeat("0", 63)), missing + "\n", missing + "\x00", "SHA256:" + digest.Digest(missing.Encoded()), "x:\x1b[31m",
	} {
		_, err := store.Stat(d)
		wantError(t, err, "stat", d, model.ErrDigest)
		_, err = store.Open(d)
		wantError(t, err, "open", d, model.ErrDigest)
		_, err = store.Sum(t.Context(), d, blobs.Info{}, nil)
		wantError(t, err, "open", d, model.ErrDigest)
		_, _, err = store.ReadAll(t.Context(), d, blobs.Info{}, 10)
		wantError(t, err, "open", d, model.ErrDigest)
		if strings.ContainsAny(err.Error(), "\n\x00\x1b") {
			t.Errorf("the error of %q holds control characters", d)
		}
	}
	if ops := noted.Ops(); ops != nil {
		t.Errorf("the file system was asked for %v", ops)
	}
}

func TestOpen(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		content := large(1)
		d := s.blob(t, digest.SHA256, content)
		r, err := s.store.Open(d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("read %d bytes, %v, want the %d that were written", len(got), err, len(content))
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := r.Read(make([]byte, 1)); err == nil {
			t.Error("Close did not close")
		}
		_, err = s.store.Open(missing)
		wantError(t, err, "open", missing, fs.ErrNotExist)

		// The bytes are handed out as they are, verified by nobody.
		s.put(t, blobs.Path(missing), []byte("other bytes"))
		r, err = s.store.Open(missing)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, _ := io.ReadAll(r); string(got) != "other bytes" {
			t.Errorf("read %q", got)
		}
	})
}

func TestSum(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
			for _, content := range [][]byte{{}, []byte("x"), large(2)} {
				d := s.blob(t, a, content)
				var progress int64
				sum, err := s.store.Sum(t.Context(), d, s.stat(t, d), func(n int) { progress += int64(n) })
				if err != nil || sum.Digest != d || sum.Size != int64(len(content)) || progress != sum.Size {
					t.Errorf("Sum = %v, %v after %d bytes, want %v", sum, err, progress, d)
				}
			}
		}
		// Other bytes have another sum, and the digest that was asked for shines
		// through nowhere.
		d := s.blob(t, digest.SHA256, []byte("right"))
		s.put(t, blobs.Path(d), []byte("wrong"))
		sum, err := s.store.Sum(t.Context(), d, s.stat(t, d), nil)
		if err != nil || sum.Digest != digest.FromString("wrong") || sum.Size != 5 {
			t.Errorf("Sum of other bytes = %v, %v", sum, err)
		}
		for _, d := range []digest.Digest{"foo:bar", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha3-256:" + digest.Digest(missing.Encoded())} {
			s.put(t, blobs.Path(d), []byte("x"))
			sum, err = s.store.Sum(t.Context(), d, s.stat(t, d), func(int) { t.Error("something was read") })
			wantError(t, err, "read", d, digest.ErrDigestUnsupported)
			if sum != (blobs.Sum{}) {
				t.Errorf("Sum = %v, want none", sum)
			}
		}
	})
}

func TestReadAll(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
			for _, content := range [][]byte{{}, []byte("x"), large(3)} {
				d := s.blob(t, a, content)
				raw, sum, err := s.store.ReadAll(t.Context(), d, s.stat(t, d), int64(len(content)))
				if err != nil || !bytes.Equal(raw, content) || sum.Digest != d || sum.Size != int64(len(content)) {
					t.Errorf("ReadAll = %d bytes, %v, %v, want %v", len(raw), sum, err, d)
				}
				if len(content) == 0 {
					continue
				}
				raw, sum, err = s.store.ReadAll(t.Context(), d, s.stat(t, d), int64(len(content))-1)
				wantError(t, err, "read", d, blobs.ErrTooLarge)
				if raw != nil || sum != (blobs.Sum{}) {
					t.Errorf("beyond the limit: %d bytes, %v, want nothing read", len(raw), sum)
				}
			}
		}
		s.put(t, "blobs/foo/bar", []byte("x"))
		raw, sum, err := s.store.ReadAll(t.Context(), "foo:bar", s.stat(t, "foo:bar"), 10)
		if err != nil || string(raw) != "x" || sum != (blobs.Sum{Size: 1}) {
			t.Errorf("ReadAll of an unknown algorithm = %q, %v, %v, want the bytes without a digest", raw, sum, err)
		}
	})
}

func TestReadFile(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		s.put(t, "index.json", []byte("{}"))
		s.mkdir(t, "directory")
		raw, info, err := blobs.ReadFile(t.Context(), s.fs, "index.json", 2)
		if err != nil || string(raw) != "{}" || info.Path != "index.json" || info.Size != 2 {
			t.Errorf("ReadFile = %q, %+v, %v", raw, info, err)
		}
		for name, want := range map[string]error{"missing": fs.ErrNotExist, "directory": blobs.ErrNotRegular} {
			if raw, info, err := blobs.ReadFile(t.Context(), s.fs, name, 2); !errors.Is(err, want) || raw != nil || info.Path != name {
				t.Errorf("ReadFile of %s = %q, %+v, %v, want %v", name, raw, info, err, want)
			}
		}
		if raw, _, err := blobs.ReadFile(t.Context(), s.fs, "index.json", 1); !errors.Is(err, blobs.ErrTooLarge) || !errors.Is(err, model.ErrTooLarge) || len(raw) > 0 {
			t.Errorf("beyond the limit: %q, %v", raw, err)
		}
	})
}

// What is too long by what the file system says is not even opened.
func TestTooLarge(t *testing.T) {
	memory := afero.NewMemMapFs()
	d := digest.FromString("content")
	if err := afero.WriteFile(memory, blobs.Path(d), []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	unopened := faulty(memory, faultfs.On(faultfs.OpOpen, blobs.Path(d), faultfs.Do(func() { t.Error("it was opened") })))
	if raw, _, err := blobs.ReadFile(t.Context(), unopened, blobs.Path(d), 6); !errors.Is(err, blobs.ErrTooLarge) || raw != nil {
		t.Errorf("ReadFile = %q, %v", raw, err)
	}
	store := blobs.New(unopened)
	info, err := store.Stat(d)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _, err := store.ReadAll(t.Context(), d, info, 6); !errors.Is(err, blobs.ErrTooLarge) || raw != nil {
		t.Errorf("ReadAll = %q, %v", raw, err)
	}
}

func TestCancelled(t *testing.T) {
	reason := errors.New("the reason")
	storages(t, func(t *testing.T, s storage) {
		d := s.blob(t, digest.SHA256, large(4))
		ctx, cancel := context.WithCancelCause(t.Context())
		reads := 0
		sum, err := s.store.Sum(ctx, d, s.stat(t, d), func(int) { reads++; cancel(reason) })
		wantError(t, err, "read", d, reason)
		if reads != 1 || sum.Digest != "" || sum.Size == 0 || sum.Size == int64(len(large(4))) {
			t.Errorf("%d reads gave %v, want to end after the first", reads, sum)
		}
		raw, sum, err := s.store.ReadAll(ctx, d, s.stat(t, d), 1<<20)
		wantError(t, err, "read", d, reason)
		if raw != nil || sum != (blobs.Sum{}) {
			t.Errorf("ReadAll = %d bytes, %v", len(raw), sum)
		}
		s.put(t, "index.json", []byte("{}"))
		if raw, _, err := blobs.ReadFile(ctx, s.fs, "index.json", 10); !errors.Is(err, reason) || len(raw) > 0 {
			t.Errorf("ReadFile = %q, %v", raw, err)
		}
	})
}

// A second place is asked for what the first one lacks, and for nothing else.
func TestAdd(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		second := afero.NewMemMapFs()
		third := afero.NewMemMapFs()
		s.store.Add(second, "/srv/shared")
		s.store.Add(third, "third")
		both := s.blob(t, digest.SHA256, []byte("first"))
		for name, content := range map[string]string{
			both.Encoded(): "not the first", digest.FromString("second").Encoded(): "second",
		} {
			if err := afero.WriteFile(second, "sha256/"+name, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := afero.WriteFile(third, "sha256/"+digest.FromString("third").Encoded(), []byte("third"), 0o644); err != nil {
			t.Fatal(err)
		}
		for content, label := range map[string]string{"first": "blobs", "second": "/srv/shared", "third": "third"} {
			d := digest.FromString(content)
			info := s.stat(t, d)
			if want := label + "/sha256/" + d.Encoded(); info.Path != want {
				t.Errorf("%q is found at %q, want %q", content, info.Path, want)
			}
			if sum, err := s.store.Sum(t.Context(), d, info, nil); err != nil || sum.Digest != d {
				t.Errorf("Sum of %q = %v, %v", content, sum, err)
			}
			raw, _, err := s.store.ReadAll(t.Context(), d, info, 100)
			if err != nil || string(raw) != content {
				t.Errorf("ReadAll of %q = %q, %v", content, raw, err)
			}
			if r, err := s.store.Open(d); err != nil {
				t.Error(err)
			} else {
				r.Close()
			}
		}
		info, err := s.store.Stat(missing)
		if !blobs.Absent(err) || info.Path != blobs.Path(missing) {
			t.Errorf("a blob that is nowhere is looked for at %q, %v", info.Path, err)
		}
		// What lies in the way in the first place is not passed over.
		s.mkdir(t, blobs.Path(digest.FromString("second")))
		info, err = s.store.Stat(digest.FromString("second"))
		if !errors.Is(err, blobs.ErrNotRegular) || info.Path != blobs.Path(digest.FromString("second")) {
			t.Errorf("a directory in the first place: %q, %v", info.Path, err)
		}
		// A listing is of the layout alone.
		for entry, err := range s.store.All() {
			if err != nil || !strings.HasPrefix(entry.Path, "blobs/") {
				t.Errorf("listed %+v, %v", entry, err)
			}
		}
	})
}
