//go:build !ocilayout_stdgzip

package layer

import (
	"sync"

	"github.com/ocilayout/ocilayout/blobs/layer/internal/inflate"
)

// gunzip unpacks one member of a gzip stream. It is this module's own decoder, which
// is several times as fast as the standard library's. The tag ocilayout_stdgzip puts
// that in its place.
type gunzip = inflate.Reader

// gunzips are lent to one stream at a time: making one costs more than a small layer.
// What a Reader says does not depend on what it read before.
var gunzips = sync.Pool{New: func() any { return new(gunzip) }}

func lendGunzip() *gunzip    { return gunzips.Get().(*gunzip) }
func returnGunzip(g *gunzip) { gunzips.Put(g) }
