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

// Run returns everything at once, and an error for what is not valid.
func ExampleRun() {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	layer := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
	b.Entry(b.Image("linux/amd64", layer), "v1")
	if err := b.Finish(); err != nil {
		log.Fatal(err)
	}
	if err := layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 1000); err != nil {
		log.Fatal(err)
	}

	report, err := verify.Run(context.Background(), layout.New(fsys), verify.Options{})
	if err != nil {
		log.Fatal(err) // it could not be looked at
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
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/motd": "hello\n"})), "v1")
	if err := b.Finish(); err != nil {
		log.Fatal(err)
	}

	report, err := verify.Run(context.Background(), layout.New(fsys), verify.Options{Limits: layout.Limits{Document: 10}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(report.Err(), verify.ErrIncomplete))
	for _, f := range report.Findings {
		fmt.Println(f)
	}

	// Output:
	// true
	// blobs/sha256/0b41c48c8d619eaa4a4e3f0b3b0551152899041f14def704532480d46a54f380: warning: the document is larger than the limit, and was not read as one [limit-document]
}
