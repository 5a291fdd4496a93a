// Package consumers holds ocilayout against the programs that unpack images:
// random stacks of small layers are unpacked by the libraries of containerd,
// Docker, Podman and umoci, and what ocilayout says of them has to fit what
// became of them. README.md explains it.
package consumers
