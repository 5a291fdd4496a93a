# Needs Go, and a C compiler for the race detector. Some tests also use skopeo,
# umoci, buildah, zsh and fish: they are skipped where these are missing, unless
# CI is set. The benchmark needs Linux, and says what else it is missing.

FUZZTIME    ?= 60s
STATICCHECK := $(CURDIR)/bin/staticcheck

.PHONY: check gofmt vet staticcheck test exhaustive fuzz benchmarks bench cover build layouts docs generate

check: gofmt vet staticcheck test

gofmt:
	@files="$$(gofmt -l .)" || exit 1; \
	if [ -n "$$files" ]; then printf 'not formatted by gofmt:\n%s\n' "$$files"; exit 1; fi

vet:
	go vet ./...

# The linter has a module of its own, so that go.mod stays free of it.
staticcheck:
	go -C .ci/tools build -o $(STATICCHECK) honnef.co/go/tools/cmd/staticcheck
	$(STATICCHECK) ./...

# Everything once, with the race detector what has goroutines, and layers with the
# other gzip decoder as well.
test:
	bash .ci/test

# What is too slow for every change: each byte of a layout damaged in each way, each
# operation failing in each way, 20 orders for each fixture, and full sizes.
exhaustive:
	bash .ci/test exhaustive

# Each fuzz target for FUZZTIME, side by side: make fuzz FUZZTIME=10s
# With UNCHANGED=2s only for that time where nothing near it has changed of late.
fuzz:
	bash .ci/fuzz $(FUZZTIME) $(UNCHANGED)

benchmarks:
	go test -run='^$$' -bench=. -benchmem ./...

# ocilayout beside what a user would run in its place: docs/performance.md.
#     make bench BENCH_ARGS='-runs 3 -scale 0.1'
# It has a module of its own, so that go.mod stays free of what it needs.
bench: build
	CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/ocilayout/internal/measured ./blobs/layer/internal/gunzip
	CGO_ENABLED=0 go -C bench build -trimpath -o $(CURDIR)/bin/ ./...
	bin/bench $(BENCH_ARGS)

cover:
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out | tail -n 1

# The same source gives the same bytes, from whatever folder.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -buildid=" -o bin/ocilayout ./cmd/ocilayout

# One broken layout for each rule and more, and sound ones: those that git holds
# under testdata/layouts anew, or all of them elsewhere with make layouts DIR=folder
layouts:
	go run ./verify/internal/fixtures/generate $(DIR)

# docs/rules.md from the rule table, docs/cli.md and docs/man from the commands,
# docs/api.txt from what the packages export.
docs:
	go run ./cmd/ocilayout/internal/cli/gendocs
	go run ./cmd/ocilayout/internal/apidoc

generate: layouts docs
