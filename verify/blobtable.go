package verify

import (
	"hash/maphash"
	"slices"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// blobTable holds every blob that the walk came to, and after them those that nothing
// names, with what is known of each. The graph check fills it, the inventory adds to it,
// and the content check reads it. There can be millions of rows.
type blobTable struct {
	nodes   *layout.VisitedBlobs
	rows    blobs.List[blobFacts] // of each node, by its ID
	strings map[stringKey]string
}

// node is a row of the table. It is made when it is asked for.
type node struct {
	*layout.VisitedBlob
	*blobFacts
}

// blobFacts is what is known of a blob beside its Node.
type blobFacts struct {
	place     layout.Place // of the first descriptor that names it
	layer     *layerPlan   // where images have it as a layer
	document  *documentFacts
	largest   int64      // size that any descriptor claims
	size      int64      // that the first descriptor claims, where hasSize
	mediaType stringKey  // that the first descriptor gives
	kind      model.Kind // by that media type
	reported  ruleSet    // rules of findings about the blob itself that were emitted
	hasSize   bool
	trusted   bool // some descriptor that names it is to be trusted
	summed    bool // its bytes were compared with the digest
	counted   bool // its bytes were read as a document's, and counted
	embedded  bool // it is absent, and a descriptor embeds it rightly
}

// at returns a row by the ID of its node.
func (t *blobTable) at(id int) *node { return &node{t.nodes.At(id), t.rows.At(id)} }

// addUnreferenced adds a blob that nothing names.
func (t *blobTable) addUnreferenced(e blobs.Entry, info blobs.Info) (id int) {
	t.rows.Add(blobFacts{})
	return t.nodes.Add(e.Digest, info)
}

// ruleSet is a set of rules, a bit for each of onceRules.
type ruleSet uint8

// onceRules are those that are emitted once for a blob.
var onceRules = []rule.ID{
	rule.BlobSymlink, rule.BlobNotRegular, rule.BlobMissing, rule.BlobMissingExcused, rule.BlobDigestMismatch,
	rule.DigestAlgorithmUnsupported, rule.FileUnreadable, rule.FileChanged,
}

func (s ruleSet) has(id rule.ID) bool { return s&(1<<slices.Index(onceRules, id)) != 0 }

// add adds a rule, and says whether it is new.
func (s *ruleSet) add(id rule.ID) bool {
	before := *s
	*s |= 1 << slices.Index(onceRules, id)
	return *s != before
}

// stringKey stands for a string that descriptors repeat, 0 for "". Its seed is new in
// every process, so that nobody can make two strings share one.
type stringKey uint64

var hashSeed = maphash.MakeSeed()

// maxStrings is how many strings can be read again, and maxString how long they may be:
// of the others it is known only whether they are equal.
const (
	maxStrings = 10_000
	maxString  = 512
)

func (t *blobTable) key(s string) stringKey {
	if s == "" {
		return 0
	}
	k := stringKey(maphash.String(hashSeed, s)) | 1
	if _, ok := t.strings[k]; !ok && len(t.strings) < maxStrings && len(s) <= maxString {
		t.strings[k] = s
	}
	return k
}
