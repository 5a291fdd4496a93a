package graph

import "github.com/ocilayout/ocilayout/model"

// roleOf returns what a descriptor makes of its blob.
func roleOf(edge model.Edge) Role {
	switch edge.Role {
	case model.RoleConfig:
		return RoleConfig
	case model.RoleLayer:
		return RoleLayer
	case model.RoleSubject:
		return RoleSubject
	}
	switch model.KindOf(edge.Descriptor.MediaType) {
	case model.KindIndex:
		return RoleIndex
	case model.KindManifest:
		return RoleManifest
	case model.KindImage:
		return RoleConfig
	case model.KindLayer:
		return RoleLayer
	}
	return RoleBlob
}

// firstKind is what a blob is called before it is read.
func firstKind(edge model.Edge) string {
	kind := model.KindOf(edge.Descriptor.MediaType)
	if kind == model.KindOpaque && (edge.Role == model.RoleConfig || edge.Role == model.RoleLayer) {
		return string(edge.Role)
	}
	return kind.String()
}
