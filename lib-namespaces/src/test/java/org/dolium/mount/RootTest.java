// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RootTest {
    private static final Root.Upper DISK = new Root.Upper.Disk("/up/upper", "/up/work");

    @Test
    void the_hosts_root_is_read_only_with_everything_below_it() {
        assertThat(Lowered.root(new Root.Host())).isEqualTo("""
                $0 = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
                $1 = mount_setattr($0, "", AT_EMPTY_PATH|AT_RECURSIVE, \
                {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV, propagation=MS_PRIVATE}, 32)
                root is $0
                """);
    }

    @Test
    void a_directory_is_writable_if_it_was_asked_for() {
        assertThat(Lowered.root(new Root.Directory("/srv/root", true)))
                .contains("open_tree(AT_FDCWD, \"/srv/root\", ", "{attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|");
        assertThat(Lowered.root(new Root.Directory("/srv/root", false)))
                .contains("{attr_set=MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV, propagation=MS_PRIVATE}");
    }

    @Test
    void an_overlay_on_disk_is_checked_to_be_writable() {
        assertThat(Lowered.root(new Root.Overlay(List.of("/top", "/base"), DISK, false))).isEqualTo("""
                $0 = fsopen("overlay", FSOPEN_CLOEXEC)
                $1 = fsconfig($0, FSCONFIG_SET_STRING, "lowerdir", "/top:/base", 0)
                $2 = fsconfig($0, FSCONFIG_SET_STRING, "upperdir", "/up/upper", 0)
                $3 = fsconfig($0, FSCONFIG_SET_STRING, "workdir", "/up/work", 0)
                $4 = fsconfig($0, FSCONFIG_SET_FLAG, "volatile", NULL, 0)
                $5 = fsconfig($0, FSCONFIG_SET_STRING, "redirect_dir", "off", 0)
                $6 = fsconfig($0, FSCONFIG_SET_STRING, "metacopy", "off", 0)
                $7 = fsconfig($0, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $8 = fsmount($0, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV)
                $9 = fstatfs($8, [statfs])
                $10 = expect $9 has no ST_RDONLY
                root is $8
                """);
    }

    @Test
    void in_a_user_namespace_an_overlay_keeps_its_marks_in_user_attributes() {
        assertThat(Lowered.root(new Root.Overlay(List.of("/a"), DISK, true)))
                .contains("FSCONFIG_SET_FLAG, \"userxattr\", NULL, 0)");
        assertThat(Lowered.root(new Root.Overlay(List.of("/a"), DISK, false))).doesNotContain("userxattr");
        assertThat(Lowered.root(new Root.Overlay(List.of("/a"), DISK, false).withLinks())).contains(",redirect_dir=off,metacopy=off\"");
    }

    @Test
    void an_overlay_in_memory_hides_its_layers_again() {
        assertThat(Lowered.root(new Root.Overlay(List.of("/a"), new Root.Upper.Memory(4096, 16), false))).isEqualTo("""
                $0 = fsopen("tmpfs", FSOPEN_CLOEXEC)
                $1 = fsconfig($0, FSCONFIG_SET_STRING, "size", "4096", 0)
                $2 = fsconfig($0, FSCONFIG_SET_STRING, "nr_inodes", "16", 0)
                $3 = fsconfig($0, FSCONFIG_SET_STRING, "mode", "0700", 0)
                $4 = fsconfig($0, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $5 = fsmount($0, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV)
                $6 = mkdirat($5, "upper", 0755)
                $7 = mkdirat($5, "work", 0700)
                $8 = move_mount($5, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH)
                $9 = fsopen("overlay", FSOPEN_CLOEXEC)
                $10 = fsconfig($9, FSCONFIG_SET_STRING, "lowerdir", "/a", 0)
                $11 = fsconfig($9, FSCONFIG_SET_STRING, "upperdir", "/proc/upper", 0)
                $12 = fsconfig($9, FSCONFIG_SET_STRING, "workdir", "/proc/work", 0)
                $13 = fsconfig($9, FSCONFIG_SET_FLAG, "volatile", NULL, 0)
                $14 = fsconfig($9, FSCONFIG_SET_STRING, "redirect_dir", "off", 0)
                $15 = fsconfig($9, FSCONFIG_SET_STRING, "metacopy", "off", 0)
                $16 = fsconfig($9, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $17 = fsmount($9, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV)
                $18 = fstatfs($17, [statfs])
                $19 = expect $18 has no ST_RDONLY
                $20 = umount2("/proc", MNT_DETACH)
                root is $17
                """);
    }

    @Test
    void many_layers_have_an_option_each() {
        String path = "/a:" + "x".repeat(150);
        assertThat(Lowered.root(new Root.Overlay(List.of(path, "/b"), DISK, false))).contains("\"lowerdir\"");
        assertThat(Lowered.root(new Root.Overlay(List.of(path, path, "/b"), DISK, false)))
                .contains(", \"lowerdir+\", \"" + path + "\", 0)", ", \"lowerdir+\", \"/b\", 0)")
                .doesNotContain("\"lowerdir\"");
    }

    @Test
    void a_colon_in_a_layers_name_does_not_split_it() {
        assertThat(Lowered.root(new Root.Overlay(List.of("/a:b", "/c\\d"), DISK, false)))
                .contains("\"lowerdir\", \"/a\\\\:b:/c\\\\\\\\d\"");
    }

    @Test
    void links_have_short_names_where_the_paths_are_long() {
        assertThat(Lowered.root(new Root.Overlay(List.of("/a,b:c", "/d"), DISK, true).withLinks())).isEqualTo("""
                $0 = fsopen("tmpfs", FSOPEN_CLOEXEC)
                $1 = fsconfig($0, FSCONFIG_SET_STRING, "size", "1048576", 0)
                $2 = fsconfig($0, FSCONFIG_SET_STRING, "nr_inodes", "1024", 0)
                $3 = fsconfig($0, FSCONFIG_SET_STRING, "mode", "0700", 0)
                $4 = fsconfig($0, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $5 = fsmount($0, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV)
                $6 = move_mount($5, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH)
                $7 = chdir("/proc")
                $8 = symlinkat("/a,b:c", AT_FDCWD, "0")
                $9 = symlinkat("/d", AT_FDCWD, "1")
                $10 = symlinkat("/up/upper", AT_FDCWD, "u")
                $11 = symlinkat("/up/work", AT_FDCWD, "w")
                $12 = mkdirat(AT_FDCWD, "m", 0755)
                $13 = mount("overlay", "m", "overlay", MS_NOSUID|MS_NODEV, \
                "lowerdir=0:1,upperdir=u,workdir=w,volatile,userxattr")
                $14 = open_tree(AT_FDCWD, "m", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)
                $15 = chdir("/")
                $16 = umount2("/proc", MNT_DETACH)
                $17 = fstatfs($14, [statfs])
                $18 = expect $17 has no ST_RDONLY
                root is $14
                """);
    }

    @Test
    void links_to_as_many_layers_as_overlayfs_takes_fit_into_a_page() {
        Root.Overlay overlay = new Root.Overlay(Collections.nCopies(500, "/layer"), DISK, true).withLinks();
        String mount = Lowered.root(overlay).lines().filter(line -> line.contains("= mount(")).findFirst().orElseThrow();
        assertThat(mount.length()).isBetween(1000, 3000);
    }
}
