//go:build ocilayout_inflate

package layer

import "github.com/ocilayout/ocilayout/blobs/layer/internal/inflate"

// gunzip is this module's own decoder, which unpacks twice as fast.
type gunzip = inflate.Reader
