// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.junit.jupiter.api.Test;

/// In every golden text, `$0` is the container's root.
class MountTest {
    @Test
    void a_source_below_a_directory_is_resolved_once_and_with_no_link() {
        Mount bind = new Mount.Bind("/home/a", "b/c", "/mnt", true, BindOptions.standard());
        assertThat(Lowered.mount(bind)).startsWith("""
                $1 = openat(AT_FDCWD, "/home/a", O_PATH|O_CLOEXEC, 0)
                $2 = openat2($1, "b/c", {flags=O_PATH|O_CLOEXEC, \
                resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)
                $3 = open_tree($2, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)
                """);
    }

    @Test
    void groups_are_mounted_writable_and_without_options_that_would_be_the_hosts() {
        assertThat(Lowered.mount(new Mount.Groups()))
                .startsWith("""
                        $1 = fsopen("cgroup2", FSOPEN_CLOEXEC)
                        $2 = fsconfig($1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                        $3 = fsmount($1, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)
                        """)
                .endsWith("""
                        $9 = openat2($0, "sys/fs/cgroup", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                        resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                        $10 = move_mount($3, "", $9, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                        """);
    }

    @Test
    void read_only_bind_is_sealed_before_it_is_attached() {
        BindOptions options = new BindOptions(true, MountFlags.RDONLY | MountFlags.NOSUID, Propagation.PRIVATE);
        assertThat(Lowered.mount(new Mount.Bind("/etc", "/mnt", true, options))).isEqualTo("""
                $1 = open_tree(AT_FDCWD, "/etc", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
                $2 = mount_setattr($1, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID, \
                propagation=MS_PRIVATE}, 32)
                $3 = mkdirat($0, "mnt", 0755) or EEXIST|EROFS|EACCES|EPERM
                $4 = openat2($0, "mnt", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $5 = move_mount($1, "", $4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    @Test
    void a_bind_that_is_not_recursive_changes_one_mount() {
        BindOptions options = new BindOptions(false, MountFlags.NOATIME, Propagation.PRIVATE);
        assertThat(Lowered.mount(new Mount.Bind("/a", "/b", true, options)))
                .contains("open_tree(AT_FDCWD, \"/a\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)\n")
                .contains("\"\", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_NOATIME, propagation=MS_PRIVATE}");
    }

    @Test
    void a_bound_file_lands_on_a_new_file_and_never_follows_a_link_when_making_it() {
        assertThat(Lowered.mount(new Mount.Bind("/etc/hosts", "/etc/hosts", false, BindOptions.standard())))
                .contains("$3 = mkdirat($0, \"etc\", 0755)")
                .contains("$4 = openat2($0, \"etc\", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, resolve=RESOLVE_IN_ROOT|")
                .contains("$5 = openat($4, \"hosts\", O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0644) or EEXIST|")
                .contains("$6 = openat2($0, \"etc/hosts\", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_IN_ROOT|")
                .contains("$7 = move_mount($1, \"\", $6, \"\"");
    }

    @Test
    void tmpfs_has_its_limits_when_it_is_made() {
        assertThat(Lowered.mount(new Mount.Tmpfs("/tmp", 1 << 20, 256, 01777, MountFlags.NOSUID))).isEqualTo("""
                $1 = fsopen("tmpfs", FSOPEN_CLOEXEC)
                $2 = fsconfig($1, FSCONFIG_SET_STRING, "size", "1048576", 0)
                $3 = fsconfig($1, FSCONFIG_SET_STRING, "nr_inodes", "256", 0)
                $4 = fsconfig($1, FSCONFIG_SET_STRING, "mode", "01777", 0)
                $5 = fsconfig($1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $6 = fsmount($1, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)
                $7 = mkdirat($0, "tmp", 0755) or EEXIST|EROFS|EACCES|EPERM
                $8 = openat2($0, "tmp", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $9 = move_mount($6, "", $8, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    @Test
    void proc_is_new_and_its_place_is_no_symbolic_link() {
        assertThat(Lowered.mount(new Mount.Proc())).isEqualTo("""
                $1 = fsopen("proc", FSOPEN_CLOEXEC)
                $2 = fsconfig($1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $3 = fsmount($1, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)
                $4 = mkdirat($0, "proc", 0755) or EEXIST|EROFS|EACCES|EPERM
                $5 = openat2($0, "proc", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS}, 24)
                $6 = move_mount($3, "", $5, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    @Test
    void sysfs_is_read_only_and_its_place_is_no_symbolic_link() {
        assertThat(Lowered.mount(new Mount.Sysfs()))
                .startsWith("$1 = fsopen(\"sysfs\", FSOPEN_CLOEXEC)\n")
                .contains("MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)\n")
                .contains("openat2($0, \"sys\", ", "RESOLVE_NO_SYMLINKS");
    }

    @Test
    void message_queues_have_a_file_system_of_their_own() {
        assertThat(Lowered.mount(new Mount.Mqueue("/mq")))
                .startsWith("$1 = fsopen(\"mqueue\", FSOPEN_CLOEXEC)\n")
                .endsWith("$6 = move_mount($3, \"\", $5, \"\", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n");
    }

    @Test
    void the_hosts_sys_is_read_only_all_the_way_down() {
        assertThat(Lowered.mount(new Mount.HostTree("/sys", true)))
                .startsWith("$1 = open_tree(AT_FDCWD, \"/sys\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)\n")
                .contains("$2 = mount_setattr($1, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|");
        assertThat(Lowered.mount(new Mount.HostTree("/proc", false))).doesNotContain("RDONLY");
    }

    @Test
    void every_component_of_a_deep_place_is_made_and_opened_inside_the_root() {
        assertThat(Lowered.in(context -> context.place("/a/b/c", true))).isEqualTo("""
                $1 = mkdirat($0, "a", 0755) or EEXIST|EROFS|EACCES|EPERM
                $2 = openat2($0, "a", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $3 = mkdirat($2, "b", 0755) or EEXIST|EROFS|EACCES|EPERM
                $4 = openat2($0, "a/b", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $5 = mkdirat($4, "c", 0755) or EEXIST|EROFS|EACCES|EPERM
                $6 = openat2($0, "a/b/c", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                """);
    }

    @Test
    void a_tree_of_the_jvms_making_is_attached_as_it_is() {
        assertThat(Lowered.mount(new Mount.Passed(7, "/src", "/mnt", true)))
                .startsWith("$1 = mkdirat($0, \"mnt\", 0755)")
                .endsWith("$3 = move_mount(7<id-mapped \"/src\">, \"\", $2, \"\","
                        + " MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)\n");
    }

    @Test
    void only_a_directory_that_was_made_gets_an_owner() {
        assertThat(Lowered.mount(new Mount.Made("/a/b", 7, 8))).isEqualTo("""
                $1 = mkdirat($0, "a", 0755) or EEXIST|EROFS|EACCES|EPERM
                $2 = fchownat($0, "a", 7, 8, AT_SYMLINK_NOFOLLOW, $1)
                $3 = openat2($0, "a", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $4 = mkdirat($3, "b", 0755) or EEXIST|EROFS|EACCES|EPERM
                $5 = fchownat($3, "b", 7, 8, AT_SYMLINK_NOFOLLOW, $4)
                """);
        assertThat(Lowered.mount(new Mount.Made("/a", 0, 0))).doesNotContain("fchownat");
        assertThat(Lowered.mount(new Mount.Made("/", 7, 8))).isEmpty();
    }

    @Test
    void a_directory_stays_writable_as_a_mount_of_its_own() {
        assertThat(Lowered.mount(new Mount.Kept("/a"))).endsWith("""
                $3 = open_tree($2, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)
                $4 = move_mount($3, "", $2, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
        assertThat(Lowered.mount(new Mount.Sealed())).isEqualTo("""
                $1 = mount_setattr($0, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, propagation=MS_PRIVATE}, 32)
                """);
    }

    @Test
    void a_file_is_made_anew_and_its_content_is_not_told() {
        byte[] secret = "secret".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(Lowered.mount(new Mount.Content("/a/b", secret, 0600))).isEqualTo("""
                $1 = mkdirat($0, "a", 0755) or EEXIST|EROFS|EACCES|EPERM
                $2 = openat2($0, "a", {flags=O_PATH|O_DIRECTORY|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24)
                $3 = unlinkat($2, "b", 0) or ENOENT
                $4 = openat($2, "b", O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600)
                $5 = write($4, [6 bytes], 6) must be 6
                $6 = close($4)
                """);
        assertThat(Lowered.mount(new Mount.Content("/b", new byte[0], 0600))).doesNotContain("write(");
    }
}
