package blobs_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

func TestSet(t *testing.T) {
	var s blobs.Set
	digests := []digest.Digest{digest.SHA512.FromString("a"), "foo:bar", "foo:baz", "sha256+x:" + digest.Digest(digest.FromString("a").Encoded())}
	for i := range 5000 {
		digests = append(digests, digest.FromString(fmt.Sprint(i)))
	}
	// Not the same as what stands for another that is not by sha256.
	digests = append(digests, digest.FromString("foo:bar"), digest.FromString("sha256+x"))
	for n, d := range digests {
		if _, ok := s.Find(d); ok {
			t.Fatalf("%s is there before it was added", d)
		}
		if got, isNew := s.Add(d); got != n || !isNew {
			t.Fatalf("%s is number %d, %v, want %d", d, got, isNew, n)
		}
	}
	for n, d := range digests {
		if got, isNew := s.Add(d); got != n || isNew {
			t.Fatalf("%s again is number %d, %v, want %d", d, got, isNew, n)
		}
		if got, ok := s.Find(d); got != n || !ok || s.At(n) != d {
			t.Fatalf("%s was found as number %d, %v, which is %s", d, got, ok, s.At(n))
		}
	}
	if s.Len() != len(digests) {
		t.Errorf("%d of %d digests", s.Len(), len(digests))
	}
}

func TestSetMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const n = 200_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var s blobs.Set
	for i := range n {
		s.Add(digest.FromString(fmt.Sprint(i)))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := int64(after.HeapAlloc-before.HeapAlloc) / n; each < 32 || each > 50 {
		t.Errorf("%d bytes each", each)
	}
	runtime.KeepAlive(&s)
}

// What is kept of a look at a file makes it again, but for the path of the file
// system.
func TestKeep(t *testing.T) {
	storages(t, func(t *testing.T, s storage) {
		content := []byte("content")
		d := digest.FromBytes(content)
		s.put(t, blobs.Path(d), content)
		info := s.stat(t, d)
		again := s.store.Info(d, info.Keep())
		if again.Path != info.Path || again.Size != info.Size || again.Symlink != info.Symlink {
			t.Errorf("%+v became %+v", info, again)
		}
		if again.Keep() != info.Keep() {
			t.Errorf("%+v is kept as %+v", info.Keep(), again.Keep())
		}
		if sum, err := s.store.Sum(t.Context(), d, again, nil); err != nil || sum.Digest != d {
			t.Errorf("%v, %v", sum, err)
		}
	})
}
