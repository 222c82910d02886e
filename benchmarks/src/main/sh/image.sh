#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# image.sh DIRECTORY: makes the image that the benchmarks unpack, as the OCI layout DIRECTORY/layout with the tag `latest`: Debian's
# smallest system, then Python, GCC, Node.js and Go, and 50 small files, each a layer. As root; takes some minutes and 3 GB.
set -eu
target=$1
work=$target.part
rm -rf "$work"
mkdir -p "$work"
layout=$work/layout
bundle=$work/bundle
root=$bundle/rootfs

umoci init --layout "$layout"
umoci new --image "$layout:latest"
umoci unpack --image "$layout:latest" "$bundle"

repack() {
    umoci repack --refresh-bundle --image "$layout:latest" "$bundle"
}

install() {
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@"
    chroot "$root" apt-get clean
    repack
}

cache=${DOLIUM_DEBS:+--cache-dir=$DOLIUM_DEBS}
# shellcheck disable=SC2086  # no option or one
debootstrap --variant=minbase $cache bookworm "$root" http://deb.debian.org/debian
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" apt-get clean
repack
cp /etc/resolv.conf "$root/etc/resolv.conf"
install python3 python3-numpy python3-pip curl
install gcc g++ git
install nodejs perl golang-go
mkdir "$root/srv/app"
i=0
while [ $i -lt 50 ]; do
    seq $i 400 >"$root/srv/app/file-$i"
    i=$((i + 1))
done
repack
umoci gc --layout "$layout"
rm -rf "$bundle"
rm -rf "$target"
mv "$work" "$target"
