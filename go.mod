module github.com/ocilayout/ocilayout

go 1.26.5

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/opencontainers/go-digest v1.0.0
	github.com/spf13/afero v1.15.0
)

require golang.org/x/text v0.28.0 // indirect
