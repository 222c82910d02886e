# shellcheck shell=bash disable=SC2154 # the options are the caller's variables
# SPDX-License-Identifier: Apache-2.0
# The images of the test machine. Each is a directory of the cache that is built beside it and renamed when it is whole.

# image NAME COMMAND...: the directory NAME, made by COMMAND with one more argument, an empty directory
image() {
    local name=$1 half started=$SECONDS
    shift
    [ ! -d "$cache/$name" ] || return 0
    mkdir -p "$cache"
    (
        flock 9
        [ ! -d "$cache/$name" ] || exit 0
        rm -rf "$cache"/half-made.* # nobody makes it any more: the lock is ours
        half=$(mktemp -d "$cache/half-made.XXXXXX")
        chmod 755 "$half"
        "$@" "$half" 9>&-
        sync -f "$half"
        mv -T "$half" "$cache/$name"
        echo "vm: made $name in $((SECONDS - started)) s" >&2
    ) 9>"$cache/build.lock"
}

# Makes what the options ask for, and sets kernel_image, root_image and jdk_image.
images() {
    local key
    [ "$(id -u)" = 0 ] || fail 'needs root, as debootstrap does'
    key=$(cat "$here/build-kernel" "$here/private-apt.bash" | sha256sum | cut -c1-8)
    kernel_image=$cache/kernel-$kernel-$arch-$key
    image "${kernel_image##*/}" "$here/build-kernel" "$kernel" "$arch"
    if [ "$arch" = arm64 ]; then
        root trixie "$here/build-root-arm64" "$packages"
    else
        root "$suite" unshare --mount --pid --fork --kill-child "$here/build-root" "$suite" "$arch" "$packages"
    fi
    jdk_image=''
    if [ -n "$jdk" ] && [ "$arch" != arm64 ]; then # that one brings its own
        jdk=$(readlink -f "$jdk")
        [ -x "$jdk/bin/java" ] || fail "no bin/java in $jdk"
        key=$(cat "$jdk/release" - <<<"$jdk" | sha256sum | cut -c1-8)
        jdk_image=$cache/jdk-$key
        image "${jdk_image##*/}" build_jdk
    fi
}

# root SUITE COMMAND...: the root file system of that suite, made by COMMAND; it is made anew when its recipe changes
root() {
    local key recipe=$here/build-root
    [ "$arch" = amd64 ] || recipe=$here/build-root-$arch
    key=$(cat "$recipe" - <<<"$packages" | sha256sum | cut -c1-8)
    root_image=$cache/root-$1-$arch-$key
    shift
    image "${root_image##*/}" "$@"
}

build_jdk() {
    mkfs.erofs --quiet -T0 --exclude-path=lib/src.zip --exclude-path=jmods "$1/jdk.erofs" "$jdk"
}
