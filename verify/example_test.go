package verify_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
)

// A layout is opened, and all that is wrong with it is printed.
func Example() {
	l, err := layout.Open("../testdata/layouts/blob-digest-mismatch")
	if err != nil {
		log.Fatal(err) // there is no such directory
	}
	defer l.Close()

	v := verify.New(l, verify.Options{})
	for f, err := range v.Findings(context.Background()) {
		if err != nil {
			log.Fatal(err) // it is no layout
		}
		fmt.Println(f.Severity, f.Rule)
		fmt.Println("  in", f.Path)
		fmt.Println("  is", f.Actual)
	}
	stats := v.Stats()
	fmt.Println("valid:", stats.Errors == 0 && stats.Complete)
	// Output:
	// error blob-digest-mismatch
	//   in blobs/sha256/cc8ff3f5250ff3be377de9efef9c0fb8adcfd70bbbc240d25df9bf16540ac4b9
	//   is sha256:49f36b7995e07f7b06abf6c82f65610a063e74904bde809177bb30f7d52efe74
	// valid: false
}
