//go:build ocilayout_inflate

package layer

import (
	"sync"

	"github.com/ocilayout/ocilayout/blobs/layer/internal/inflate"
)

// gunzip is this module's own decoder, which unpacks twice as fast.
type gunzip = inflate.Reader

// gunzips are lent to one stream at a time: making one costs more than a small layer.
var gunzips = sync.Pool{New: func() any { return new(gunzip) }}

func lendGunzip() *gunzip    { return gunzips.Get().(*gunzip) }
func returnGunzip(g *gunzip) { gunzips.Put(g) }
