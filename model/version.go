package model

// The version of the image spec whose documents these are.
const (
	SpecVersion      = "1.1.1"
	SpecVersionMajor = 1
	SpecVersionMinor = 1
	SpecVersionPatch = 1
)
