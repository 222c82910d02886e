// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.util.Arrays;

/// File systems whose files are no files: proc, sysfs, cgroup, cgroup2, devpts, mqueue, debugfs, tracefs, securityfs, selinuxfs, smackfs,
/// apparmorfs, bpf, binfmt_misc, efivarfs, pstore, configfs, nsfs, pidfs, resctrl, fusectl, xenfs, usbdevfs, anonymous inodes.
final class KernelFileSystems {
    private static final long[] MAGIC = {
        0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x19800202, 0x64626720, 0x74726163, 0x73636673, 0xf97cff8cL, 0x43415d53,
        0x5a3c69f0, 0xcafe4a11L, 0x42494e4d, 0xde5e81e4L, 0x6165676c, 0x62656570, 0x6e736673, 0x50494446, 0x7655821, 0x65735543,
        0xabba1974L, 0x9fa2, 0x09041934
    };

    private KernelFileSystems() {}

    static boolean has(long magic) {
        return Arrays.stream(MAGIC).anyMatch(one -> one == (magic & 0xffffffffL));
    }
}
