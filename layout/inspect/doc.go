// Package inspect collects what an image or artifact of a layout is, as plain
// structs that encoding/json writes with the names that docs/inspect.schema.json
// promises. It reads documents and looks at layers without reading them.
package inspect
