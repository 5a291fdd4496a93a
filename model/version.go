package model

// SpecVersion is the version of the image spec whose documents these are.
const SpecVersion = "1.1.1"
