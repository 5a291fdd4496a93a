//go:build !linux

package layer_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

func special(*testing.T, string) {}

func sameXattrs(*testing.T, *layer.Tree, string) {}
