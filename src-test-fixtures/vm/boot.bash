# shellcheck shell=bash disable=SC2154 # the options are the caller's variables
# SPDX-License-Identifier: Apache-2.0
# One run of the test machine.

run() {
    local directory status
    place
    directory=$cache/run.$place
    rm -rf "$directory"
    mkdir "$directory"
    # shellcheck disable=SC2064 # this directory
    trap "rm -rf '$directory'" EXIT
    trap 'exit 143' TERM INT HUP
    disks "$directory"
    job "$directory" "$@"
    boot "$directory"
    if [ ! -s "$directory/status" ]; then
        echo 'vm: the kernel did not get to its first process; once more' >&2
        boot "$directory"
    fi
    [ -z "$log" ] || cp "$directory/console" "$log"
    [ -z "$out" ] || tar -x -f "$directory/out" -C "$out" 2>/dev/null || true # no archive if the machine died before
    status=$(sed -n '2s/^exit //p' "$directory/status")
    if [ -z "$status" ]; then
        echo "vm: the machine gave no status; the end of its console:" >&2
        tail -n 60 "$directory/console" >&2
        status=98
    fi
    return "$status"
}

# As many machines at a time as this one has processors, but two where it has one: more would only be slower. Each has a place,
# which is locked; what is in one that nobody holds is of a machine that was killed.
place() {
    local places
    places=$(nproc)
    [ "$places" -ge 2 ] || places=2
    while true; do
        for ((place = 1; place <= places; place++)); do
            exec 8>"$cache/run.lock.$place"
            ! flock --nonblock 8 || return 0
        done
        sleep 0.5
    done
}

disks() {
    local directory=$1
    truncate -s 4G "$directory/scratch"
    mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 "$directory/scratch"
    truncate -s 512M "$directory/swap"
    truncate -s 256M "$directory/out"
    mkdir "$directory/none"
    mkfs.erofs --quiet -T0 "$directory/project" "${project:-$directory/none}"
}

# Everything that belongs to this run goes into a second archive, which the kernel unpacks over the first.
job() {
    local directory=$1 tree=$1/initramfs name
    shift
    mkdir -p "$tree/vm"
    cp "$here"/guest/* "$tree/vm/"
    mv "$tree/vm/init" "$tree/init"
    for name in init user cgroup delegate delegated apparmor jdk os; do
        printf '%s=%q\n' "$name" "${!name}"
    done >"$tree/vm/options"
    printf '%q ' "$@" >"$tree/vm/command"
    (cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) | cat "$kernel_image/initramfs.cpio" - >"$directory/initrd"
}

boot() {
    local directory=$1 name files emulator console=ttyS0
    local -A files=([root]=$root_image/root.erofs [modules]=$kernel_image/modules.erofs [project]=$directory/project)
    [ -z "$jdk_image" ] || files[jdk]=$jdk_image/jdk.erofs
    [ -z "$os" ] || files[os]=$os
    # Nehalem: newer instructions cost more to emulate than they bring; q35: with microvm, 6.12 hung at times
    emulator=(qemu-system-x86_64 -M q35 -cpu Nehalem)
    if [ "$arch" = arm64 ]; then
        emulator=(qemu-system-aarch64 -M virt -cpu cortex-a72)
        console=ttyAMA0
    fi
    # thread=single: both processors in one thread need two thirds of the time; with one each, they wait for each other whenever
    # a page table changes
    emulator+=(-accel 'tcg,thread=single,tb-size=512' -smp 2 -m "$memory")
    emulator+=(-nodefaults -no-user-config -display none -nic none -no-reboot)
    for name in "${!files[@]}"; do
        emulator+=(-drive "if=none,id=$name,format=raw,readonly=on,file=${files[$name]}")
        emulator+=(-device "virtio-blk-pci,drive=$name,serial=$name")
    done
    for name in scratch swap out; do
        emulator+=(-drive "if=none,id=$name,format=raw,cache=unsafe,file=$directory/$name")
        emulator+=(-device "virtio-blk-pci,drive=$name,serial=$name")
    done
    : >"$directory/status"
    # a chardev to stdio would block the guest where standard input is /dev/null
    emulator+=(-device virtio-serial-pci -serial "file:$directory/console")
    emulator+=(-chardev "file,id=output,append=on,path=/dev/fd/1" -device "virtserialport,chardev=output,name=output")
    emulator+=(-chardev "file,id=status,path=$directory/status" -device "virtserialport,chardev=status,name=status")
    emulator+=(-kernel "$kernel_image/vmlinuz" -initrd "$directory/initrd")
    # mitigations=off: an emulator has nothing to mitigate, and flushes all it knows at each system call if page tables are isolated
    emulator+=(-append "console=$console mitigations=off panic=-1 loglevel=4 apparmor=$apparmor $append")
    # whoever dies takes the next one along; cat: what standard output is, is not the emulator's business
    setpriv --pdeathsig KILL timeout --foreground --signal=KILL "$limit" \
        setpriv --pdeathsig KILL "${emulator[@]}" </dev/null 8>&- | cat 8>&- &
    wait $! || true
}
