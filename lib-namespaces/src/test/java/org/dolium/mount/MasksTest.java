// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.dolium.linux.Arg;
import org.junit.jupiter.api.Test;

class MasksTest {
    private static final List<String> NONE = List.of();

    @Test
    void a_read_only_path_is_a_copy_of_itself_sealed_before_it_is_attached() {
        assertThat(lowered(new Masks(NONE, NONE, List.of("/proc/sys")))).isEqualTo("""
                $1 = openat2($0, "proc/sys", {flags=O_PATH|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24) or ENOENT
                $2 = open_tree($1, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)
                $3 = mount_setattr($2, "", AT_EMPTY_PATH|AT_RECURSIVE, \
                {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC, \
                propagation=MS_PRIVATE}, 32)
                $4 = move_mount($2, "", $1, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    @Test
    void files_are_hidden_behind_the_null_device() {
        assertThat(lowered(new Masks(List.of("/proc/keys", "/x"), NONE, NONE))).isEqualTo("""
                $1 = openat2($0, "proc/keys", {flags=O_PATH|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24) or ENOENT
                $2 = open_tree($0, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)
                $3 = move_mount($2, "", $1, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                $4 = openat2($0, "x", {flags=O_PATH|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24) or ENOENT
                $5 = open_tree($0, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)
                $6 = move_mount($5, "", $4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    @Test
    void directories_share_one_empty_read_only_file_system() {
        assertThat(lowered(new Masks(NONE, List.of("/proc/acpi"), NONE))).isEqualTo("""
                $1 = fsopen("tmpfs", FSOPEN_CLOEXEC)
                $2 = fsconfig($1, FSCONFIG_SET_STRING, "size", "4k", 0)
                $3 = fsconfig($1, FSCONFIG_SET_STRING, "nr_inodes", "2", 0)
                $4 = fsconfig($1, FSCONFIG_SET_STRING, "mode", "0555", 0)
                $5 = fsconfig($1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
                $6 = fsmount($1, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)
                $7 = move_mount($6, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH)
                $8 = openat2($0, "proc/acpi", {flags=O_PATH|O_CLOEXEC, \
                resolve=RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}, 24) or ENOENT
                $9 = open_tree($6, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)
                $10 = move_mount($9, "", $8, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
                """);
    }

    /// SECURITY P-13: with any other errno a mask would be missing without anybody knowing.
    @Test
    void only_a_path_that_does_not_exist_may_stay_unmasked() {
        Masks masks = Masks.standard(List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));
        assertThat(lowered(masks).lines().filter(line -> line.contains(" or ")))
                .hasSizeGreaterThan(10)
                .allMatch(line -> line.endsWith(" or ENOENT"));
    }

    @Test
    void the_standard_masks_are_those_of_docker_containerd_and_podman() {
        Masks masks = Masks.standard(List.of("/t"));
        assertThat(masks.files()).contains("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts");
        assertThat(masks.directories()).contains("/proc/acpi", "/proc/scsi", "/sys/firmware", "/t");
        assertThat(masks.readOnly()).contains("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs");
    }

    @Test
    void no_masks_are_no_calls_and_more_are_added_at_the_end() {
        assertThat(lowered(Masks.none())).isEmpty();
        Masks both = new Masks(List.of("/a"), List.of("/b"), List.of("/c"))
                .plus(new Masks(List.of("/d"), List.of("/e"), List.of("/f")));
        assertThat(both).isEqualTo(new Masks(List.of("/a", "/d"), List.of("/b", "/e"), List.of("/c", "/f")));
    }

    @Test
    void files_cannot_be_hidden_without_a_null_device() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lowered.in(context -> new Masks(List.of("/x"), NONE, NONE).lower(context)));
    }

    /// The first character is left out when a path is opened below the root: it must be the slash.
    @Test
    void a_path_that_is_not_absolute_is_refused() {
        for (String path : new String[] {"", "proc/keys", "\0/proc", "/a\0b", "./x"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Masks(List.of(path), NONE, NONE));
            assertThatIllegalArgumentException().isThrownBy(() -> new Masks(NONE, List.of(path), NONE));
            assertThatIllegalArgumentException().isThrownBy(() -> new Masks(NONE, NONE, List.of(path)));
        }
    }

    /// `$0` stands for the null device too.
    private static String lowered(Masks masks) {
        return Lowered.in(context -> {
            context.nullDevice(new Arg.Result(0));
            masks.lower(context);
        });
    }
}
