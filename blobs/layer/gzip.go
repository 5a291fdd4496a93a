//go:build !ocilayout_stdgzip

package layer

import "github.com/ocilayout/ocilayout/blobs/layer/internal/inflate"

// gunzip unpacks one member of a gzip stream. The tag ocilayout_stdgzip puts the
// standard library in the place of this module's own decoder, which is to say the
// same of every stream, at twice the speed and more.
type gunzip = inflate.Reader
