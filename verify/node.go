package verify

import (
	"hash/maphash"
	"slices"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// node is a blob, with what a run knows of it. It is made where it is needed, of
// what is kept.
type node struct {
	*layout.Node
	*known
}

// known is what is kept of a blob beside its Node. There can be millions.
type known struct {
	place     layout.Place // of the descriptor that named it first
	layer     *layerPlan   // where images have it as a layer
	document  *documentFacts
	largest   int64      // size that any descriptor claims
	size      int64      // that the first descriptor claims, where hasSize
	mediaType word       // that the first descriptor gives
	kind      model.Kind // by that media type
	reported  ruleSet    // rules of findings about the blob itself that were emitted
	hasSize   bool
	judged    bool // some descriptor that names it is to be trusted
	summed    bool // its bytes were held against the digest
	counted   bool // its bytes were read as a document's, and counted
	embedded  bool // it is absent, and a descriptor holds its bytes, which are right
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

// at returns a blob by the ID of its node.
func (r *run) at(id int) *node { return &node{r.nodes.At(id), r.known.At(id)} }

// word stands for a string that descriptors repeat, 0 for "". It is keyed anew in
// every process, so that nobody can make two strings share one.
type word uint64

// maxWords is how many words can be read again, and maxWord how long they may be:
// of the others it is known only whether they are equal.
const (
	maxWords = 10_000
	maxWord  = 512
)

func (r *run) word(s string) word {
	if s == "" {
		return 0
	}
	w := word(maphash.String(hashSeed, s)) | 1
	if _, ok := r.words[w]; !ok && len(r.words) < maxWords && len(s) <= maxWord {
		if r.words == nil {
			r.words = make(map[word]string)
		}
		r.words[w] = s
	}
	return w
}
