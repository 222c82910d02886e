// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

/// Flags of the mount system calls; see open_tree(2), move_mount(2), mount_setattr(2), fsmount(2), openat2(2).
public final class MountFlags {
    public static final Arg.Num OPEN_TREE =
            Arg.flags(0x80001, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC");
    public static final Arg.Num OPEN_TREE_RECURSIVE =
            Arg.flags(0x88001, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE");
    public static final Arg.Num OPEN_TREE_OF_FD =
            Arg.flags(0x81001, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH");
    public static final Arg.Num OPEN_TREE_OF_FD_RECURSIVE =
            Arg.flags(0x89001, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE");
    public static final Arg.Num MOVE_FROM_FD = Arg.flags(0x04, "MOVE_MOUNT_F_EMPTY_PATH");
    public static final Arg.Num MOVE_FD_TO_FD =
            Arg.flags(0x44, "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH");
    public static final Arg.Num EMPTY_PATH = Arg.flags(0x1000, "AT_EMPTY_PATH");
    public static final Arg.Num EMPTY_PATH_RECURSIVE = Arg.flags(0x9000, "AT_EMPTY_PATH|AT_RECURSIVE");
    public static final Arg.Num RECURSIVE = Arg.flags(0x8000, "AT_RECURSIVE");
    public static final Arg.Num FSOPEN_CLOEXEC = Arg.flags(1, "FSOPEN_CLOEXEC");
    public static final Arg.Num FSMOUNT_CLOEXEC = Arg.flags(1, "FSMOUNT_CLOEXEC");
    public static final Arg.Num FSCONFIG_SET_FLAG = Arg.flags(0, "FSCONFIG_SET_FLAG");
    public static final Arg.Num FSCONFIG_SET_STRING = Arg.flags(1, "FSCONFIG_SET_STRING");
    public static final Arg.Num FSCONFIG_CMD_CREATE = Arg.flags(6, "FSCONFIG_CMD_CREATE");
    public static final Arg.Bytes EMPTY = Arg.str("");

    public static final int RDONLY = 0x01;
    public static final int NOSUID = 0x02;
    public static final int NODEV = 0x04;
    public static final int NOEXEC = 0x08;
    public static final int NOATIME = 0x10;
    private static final int ATIME_MASK = 0x70;

    private static final int[] ATTRIBUTES = {RDONLY, NOSUID, NODEV, NOEXEC, NOATIME};
    private static final String[] NAMES = {"RDONLY", "NOSUID", "NODEV", "NOEXEC", "NOATIME"};

    private MountFlags() {}

    /// The attribute argument of fsmount(2).
    public static Arg.Num attributes(int set) {
        return Arg.flags(set, text(set));
    }

    /// `struct mount_attr` with attributes to set and a propagation to change to.
    public static Arg.Bytes mountAttr(int set, Propagation propagation) {
        byte[] attr = new byte[32];
        attr[0] = (byte) set;
        attr[8] = (byte) ((set & NOATIME) != 0 ? ATIME_MASK : 0);
        int value = propagation.flag();
        for (int i = 0; i < 4; i++) {
            attr[16 + i] = (byte) (value >>> 8 * i);
        }
        StringBuilder out = new StringBuilder("{");
        if (set != 0) {
            out.append("attr_set=").append(text(set));
        }
        if (value != 0) {
            out.append(set != 0 ? ", " : "").append("propagation=MS_").append(propagation);
        }
        return new Arg.Bytes(attr, out.append('}').toString());
    }

    private static String text(int set) {
        if (set == 0) {
            return "0";
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < ATTRIBUTES.length; i++) {
            if ((set & ATTRIBUTES[i]) != 0) {
                out.append(out.isEmpty() ? "" : "|").append("MOUNT_ATTR_").append(NAMES[i]);
            }
        }
        return out.toString();
    }

    /// `struct open_how`.
    public static Arg.Bytes openHow(long flags, String flagsText, long resolve, String resolveText) {
        byte[] how = new byte[24];
        for (int i = 0; i < 8; i++) {
            how[i] = (byte) (flags >>> 8 * i);
            how[16 + i] = (byte) (resolve >>> 8 * i);
        }
        return new Arg.Bytes(how, "{flags=" + flagsText + ", resolve=" + resolveText + "}");
    }
}
