#!/usr/bin/env bash
# Makes the layouts beside this script again, with the buildah, skopeo and umoci
# found in PATH. Works offline, keeps everything of its own in one temporary
# directory, and replaces the layouts only when all of them were made.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
# buildah leaves directories behind that nobody may write to.
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
out=$work/out
mkdir -p "$work"/{home,run,tmp,data,config,cache,files} "$out"
cd "$out"

# Nothing of the user's or the system's configuration may have a say, and no
# store or cache of theirs may keep a trace.
umask 022
export LC_ALL=C TZ=UTC HOME=$work/home TMPDIR=$work/tmp
export XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/data
export XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache
export BUILDAH_ISOLATION=chroot
# Run by root, buildah and skopeo remember blobs in a file under /var/lib. Taken
# for run by somebody else, they do so under XDG_DATA_HOME.
export _CONTAINERS_ROOTLESS_UID=1
export CONTAINERS_CONF=/dev/null CONTAINERS_REGISTRIES_CONF=$work/registries.conf
export CONTAINERS_STORAGE_CONF=$work/storage.conf
: >"$work/registries.conf"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$work/policy.json"
cat >"$work/storage.conf" <<END
[storage]
driver = "vfs"
graphroot = "$work/store"
runroot = "$work/runroot"
END

buildah() {
	command buildah --root "$work/store" --runroot "$work/runroot" --storage-driver vfs "$@"
}

skopeo() {
	command skopeo --policy "$work/policy.json" --tmpdir "$work/tmp" "$@"
}

policy=(--signature-policy "$work/policy.json")
epoch=1970-01-01T00:00:00Z

cd "$work/files"
mkdir etc bin
echo 'a small image' >etc/motd
printf '#!/bin/sh\necho hello\n' >bin/hello
chmod 755 bin/hello
ln -s hello bin/hi
cd "$out"

# Prints the name of a working container that holds the files and is of the
# architecture $1.
container() {
	local name
	name=$(buildah from "${policy[@]}" scratch)
	echo "$1" >"$work/files/etc/arch"
	find "$work/files" -exec touch -h -d "$epoch" {} +
	buildah copy --quiet --chown 0:0 "$name" "$work/files" / >/dev/null
	buildah config --os linux --arch "$1" --cmd /bin/hello --author 'A. Author' \
		--created-by 'copy files' --annotation org.opencontainers.image.title=small "$name"
	echo "$name"
}

amd64=$(container amd64)
arm64=$(container arm64)
commit=(commit --quiet "${policy[@]}" --timestamp 0)

buildah "${commit[@]}" "$amd64" "oci:$out/buildah-commit:1.0"

buildah "${commit[@]}" "$amd64" localhost/small:amd64
buildah "${commit[@]}" "$arm64" localhost/small:arm64
buildah push --quiet "${policy[@]}" localhost/small:amd64 "oci:$out/buildah-push:1.0"

buildah manifest create localhost/small:multi
buildah manifest add localhost/small:multi localhost/small:amd64
buildah manifest add --annotation org.opencontainers.image.title=arm localhost/small:multi localhost/small:arm64
buildah manifest push --quiet "${policy[@]}" --all localhost/small:multi "oci:$out/buildah-manifest:1.0"

umoci init --layout umoci-new
umoci new --image umoci-new:1.0

cp -a umoci-new umoci-insert
umoci insert --rootless --image umoci-insert:1.0 --history.created "$epoch" "$work/files" /
umoci insert --rootless --image umoci-insert:1.0 --history.created "$epoch" --whiteout /etc/arch
umoci config --image umoci-insert:1.0 --created "$epoch" --history.created "$epoch" \
	--architecture arm64 --author 'A. Author' --config.cmd /bin/hello --config.label kind=small
umoci tag --image umoci-insert:1.0 latest

cp -a umoci-insert umoci-gc
umoci gc --layout umoci-gc

skopeo copy --quiet --all oci:buildah-manifest:1.0 oci:skopeo-copy
skopeo copy --quiet --dest-compress-format zstd oci:buildah-commit:1.0 oci:skopeo-zstd:1.0
skopeo copy --quiet --format v2s2 oci:buildah-push:1.0 oci:skopeo-docker:1.0

# The modes git gives them at a checkout.
chmod -R u=rwX,go=rX "$out"
for layout in *; do
	rm -rf "${here:?}/$layout"
	cp -R "$layout" "$here/$layout"
done
