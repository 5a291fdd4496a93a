package verify_test

import (
	"context"
	"errors"
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

	report, err := verify.Run(context.Background(), l, verify.Options{})
	if err != nil {
		log.Fatal(err) // it is no layout
	}
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.Rule)
		fmt.Println("  in", f.Path)
		fmt.Println("  is", f.Actual)
	}
	fmt.Println("valid:", report.Err() == nil)
	// Output:
	// error blob-digest-mismatch
	//   in blobs/sha256/cc8ff3f5250ff3be377de9efef9c0fb8adcfd70bbbc240d25df9bf16540ac4b9
	//   is sha256:49f36b7995e07f7b06abf6c82f65610a063e74904bde809177bb30f7d52efe74
	// valid: false
}

// Err is nil for a valid layout, and for no other.
func ExampleRun() {
	l, err := layout.Open("../testdata/layouts/blob-digest-mismatch")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	report, err := verify.Run(context.Background(), l, verify.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Err())
	if invalid, ok := errors.AsType[*verify.InvalidError](report.Err()); ok {
		fmt.Println(invalid.Errors, invalid.First.Rule)
	}
	// Output:
	// 1 error: blobs/sha256/cc8ff3f5250ff3be377de9efef9c0fb8adcfd70bbbc240d25df9bf16540ac4b9: error: the bytes do not hash to the digest [blob-digest-mismatch]
	// 1 blob-digest-mismatch
}

// What could not be checked is an error as well.
func ExampleReport_Err() {
	l, err := layout.Open("../testdata/layouts/good-image")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	report, err := verify.Run(context.Background(), l, verify.Options{Limits: layout.Limits{Document: 10}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(report.Err(), verify.ErrIncomplete))
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.Rule)
	}
	// Output:
	// true
	// warning limit-document
}

// Findings yields what is wrong as it is found. Leaving the loop ends the run.
func ExampleVerifier_Findings() {
	l, err := layout.Open("../testdata/layouts/blob-digest-mismatch")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	v := verify.New(l, verify.Options{Level: verify.LevelDigest})
	for f, err := range v.Findings(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(f)
	}
	fmt.Println("bytes read:", v.Stats().BytesRead)
	// Output:
	// blobs/sha256/cc8ff3f5250ff3be377de9efef9c0fb8adcfd70bbbc240d25df9bf16540ac4b9: error: the bytes do not hash to the digest [blob-digest-mismatch]
	// bytes read: 2629
}
