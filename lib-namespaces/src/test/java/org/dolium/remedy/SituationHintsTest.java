// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.dolium.linux.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same failure has another remedy on another host. A host is prepared here as the texts of its files.
class SituationHintsTest {
    private static final String CLONE = "clone3({flags=CLONE_NEWUSER})";
    private static final String MOUNT = "move_mount($3, \"\", AT_FDCWD, \"/\", MOVE_MOUNT_F_EMPTY_PATH)";
    private static final String PROC = "fsmount($3, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)";

    private final Map<String, String> files = new HashMap<>(Map.of(
            "/proc/self/status", status("Seccomp:\t0\n"), "/proc/self/uid_map", "         0          0 4294967295\n"));
    private final Map<String, String> variables = new HashMap<>();

    private static String status(String more) {
        return "Name:\tjava\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n" + more;
    }

    private String hint(String call, Errno errno) {
        return Hints.forCall(call, errno, new HostFiles(files, variables, "/opt/jdk/bin/java", "app"));
    }

    private void seccomp() {
        files.put("/proc/self/status", status("Seccomp:\t2\nSeccomp_filters:\t1\n"));
    }

    private void ubuntu() {
        files.put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        files.put("/proc/self/attr/apparmor/current", "unconfined\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "mnt", "pid", "uts", "ipc", "cgroup", "net", "time"})
    void a_limit_of_namespaces_that_is_0_is_named(String kind) {
        files.put("/proc/sys/user/max_user_namespaces", "1000\n");
        files.put("/proc/sys/user/max_" + kind + "_namespaces", "0\n");
        assertThat(hint(CLONE, Errno.ENOSPC))
                .startsWith("user.max_" + kind + "_namespaces is 0: sudo sysctl -w user.max_" + kind + "_namespaces=15000;")
                .contains("/etc/sysctl.d/99-userns.conf");
    }

    @Test
    void a_limit_that_is_reached_is_not_said_to_be_0() {
        files.put("/proc/sys/user/max_user_namespaces", "1000\n");
        assertThat(hint(CLONE, Errno.ENOSPC)).startsWith("the limit of namespaces is reached");
    }

    @Test
    void debians_switch_is_named() {
        files.put("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
        assertThat(hint(CLONE, Errno.EPERM)).endsWith("sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }

    @Test
    void debians_switch_is_not_blamed_where_it_is_on_or_does_not_matter() {
        files.put("/proc/sys/kernel/unprivileged_userns_clone", "1\n");
        assertThat(hint(CLONE, Errno.EPERM)).doesNotContain("unprivileged_userns_clone");
        files.put("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
        files.put("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t2\n");
        assertThat(hint(CLONE, Errno.EPERM)).contains("seccomp=unconfined").doesNotContain("unprivileged_userns_clone");
    }

    @Test
    void a_chroot_is_named_where_it_is_seen() {
        files.put(HostFiles.SAME_ROOT, "false");
        assertThat(hint(CLONE, Errno.EPERM)).isEqualTo("user namespaces can't be made in a chroot");
    }

    @Test
    void a_chroot_is_supposed_where_nothing_else_is_known() {
        assertThat(hint(CLONE, Errno.EPERM))
                .contains("can't be made in a chroot", "nothing else is known")
                .doesNotContain("seccomp");
    }

    @Test
    void a_uid_that_is_not_mapped_is_named() {
        files.put("/proc/self/uid_map", "0 5000 1\n");
        assertThat(hint(CLONE, Errno.EPERM)).contains("uid is not mapped");
        files.put("/proc/self/uid_map", "1000 5000 1\n");
        assertThat(hint(CLONE, Errno.EPERM)).doesNotContain("uid is not mapped");
    }

    @ParameterizedTest
    @CsvSource({"1", "38"})
    void an_outer_containers_seccomp_profile_is_named(int errno) {
        seccomp();
        files.put("/.dockerenv", "");
        assertThat(hint(CLONE, new Errno(errno)))
                .isEqualTo("the outer container's seccomp profile forbids namespaces: run it with --security-opt"
                        + " seccomp=unconfined");
    }

    @Test
    void a_systemd_units_filter_is_named_outside_of_containers() {
        seccomp();
        assertThat(hint(CLONE, Errno.ENOSYS)).contains("RestrictNamespaces=");
    }

    @Test
    void without_a_filter_a_missing_clone3_is_no_matter_of_seccomp() {
        assertThat(hint(CLONE, Errno.ENOSYS)).contains("older than 5.3", "qemu-user").doesNotContain("seccomp");
    }

    @Test
    void kubernetes_has_its_own_words() {
        variables.put("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        files.put("/.dockerenv", "");
        seccomp();
        assertThat(hint(CLONE, Errno.ENOSYS)).contains("securityContext", "seccompProfile", "clone3, unshare, mount and setns");
        assertThat(hint(MOUNT, Errno.EACCES)).contains("securityContext", "appArmorProfile");
        assertThat(hint(PROC, Errno.EPERM)).contains("procMount: Unmasked", "hostUsers: false");
    }

    @Test
    void docker_and_podman_unmask_proc_in_their_own_words() {
        files.put("/.dockerenv", "");
        assertThat(hint(PROC, Errno.EPERM)).contains("--security-opt systempaths=unconfined");
        files.remove("/.dockerenv");
        files.put("/run/.containerenv", "");
        assertThat(hint(PROC, Errno.EPERM)).contains("unmask=ALL").doesNotContain("systempaths");
    }

    @Test
    void dockers_app_armor_profile_is_named() {
        files.put("/.dockerenv", "");
        files.put("/proc/self/attr/apparmor/current", "docker-default (enforce)\n");
        assertThat(hint(MOUNT, Errno.EACCES))
                .contains("--security-opt apparmor=unconfined", "'docker-default (enforce)'");
    }

    @Test
    void a_profile_that_lacks_userns_is_named() {
        files.put("/proc/self/attr/apparmor/current", "app (enforce)\n");
        assertThat(hint(CLONE, Errno.EACCES)).contains("profile 'app (enforce)' lacks 'userns,'");
    }

    @Test
    void a_profile_that_allows_namespaces_but_no_capability_is_named() {
        files.put("/proc/self/attr/apparmor/current", "app (enforce)\n");
        assertThat(hint(CLONE, Errno.EPERM)).contains("'app (enforce)'", "capability sys_admin");
        assertThat(hint("sethostname(\"dolium\", 6)", Errno.EPERM)).contains("'app (enforce)'", "capability sys_admin");
        assertThat(hint("mount_setattr(AT_FDCWD)", Errno.EPERM)).contains("'app (enforce)'", "capability sys_admin");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            clone3({flags=CLONE_NEWUSER})     | 13
            execveat(3, "", [], [])           | 13
            sethostname("dolium", 6)          | 1
            mount_setattr(AT_FDCWD, "/")      | 13
            write(/proc/7/uid_map, "0 0 1")   | 1
            """)
    void ubuntus_restriction_prints_a_profile_with_the_path_of_this_jvm(String call, int errno) {
        ubuntu();
        assertThat(hint(call, new Errno(errno))).isEqualTo("""
                Ubuntu restricts user namespaces: as admin, once, write /etc/apparmor.d/java-containers (every program that \
                this java runs may use user namespaces then)
                    abi <abi/4.0>,
                    include <tunables/global>
                    profile java-containers /opt/jdk/bin/java flags=(unconfined) {
                      userns,
                      include if exists <local/java-containers>
                    }
                then load it and restart the JVM
                    sudo apparmor_parser -r /etc/apparmor.d/java-containers
                Or for the whole machine
                    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0""");
    }

    @Test
    void ubuntus_restriction_is_not_blamed_where_it_does_not_apply() {
        ubuntu();
        files.put("/proc/self/attr/apparmor/current", "java-containers (unconfined)\n");
        assertThat(hint(CLONE, Errno.EACCES)).doesNotContain("Ubuntu");
        ubuntu();
        files.put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
        assertThat(hint(CLONE, Errno.EACCES)).doesNotContain("Ubuntu");
        ubuntu();
        files.put("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n");
        assertThat(hint(MOUNT, Errno.EACCES)).doesNotContain("Ubuntu");
        ubuntu();
        assertThat(hint("execve(\"/bin/x\", [], [])", Errno.EACCES)).doesNotContain("Ubuntu");
    }

    @Test
    void github_actions_gets_the_step_of_its_workflow() {
        ubuntu();
        variables.put("GITHUB_ACTIONS", "true");
        assertThat(hint(CLONE, Errno.EACCES))
                .startsWith("Ubuntu restricts user namespaces: add the step\n"
                        + "    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n");
    }

    @Test
    void a_path_with_special_characters_is_quoted_for_the_profile() {
        HostFiles host = new HostFiles(files, variables, "/opt/my jdk*/bin/java", "app");
        assertThat(SecurityModules.ubuntu(host)).contains("profile java-containers \"/opt/my jdk\\*/bin/java\" flags=");
    }

    @Test
    void se_linux_is_named_where_it_enforces() {
        files.put("/sys/fs/selinux/enforce", "1");
        for (String call : new String[] {CLONE, MOUNT, "execveat(3, \"\", [], [])"}) {
            assertThat(hint(call, Errno.EACCES)).contains("ausearch -m avc -ts recent", "container_file_t");
        }
        files.put("/sys/fs/selinux/enforce", "0");
        assertThat(hint(CLONE, Errno.EACCES)).doesNotContain("SELinux");
    }

    @Test
    void a_memory_file_that_may_not_be_executed_has_its_sysctl() {
        files.put("/proc/sys/vm/memfd_noexec", "2\n");
        assertThat(hint("execveat(3, \"\", [], [])", Errno.EACCES)).contains("sudo sysctl -w vm.memfd_noexec=1");
        files.put("/proc/sys/vm/memfd_noexec", "0\n");
        assertThat(hint("execveat(3, \"\", [], [])", Errno.EACCES)).doesNotContain("sysctl");
    }

    @ParameterizedTest
    @CsvSource({"EACCES, cgroup.procs", "EBUSY, controllers enabled", "EBADF, not one of cgroup v2", "ENODEV, removed",
        "EOPNOTSUPP, cgroup.type"})
    void a_child_that_is_born_into_a_cgroup_has_more_that_can_fail(String name, String hint) {
        Errno errno = switch (name) {
            case "EACCES" -> Errno.EACCES;
            case "EBUSY" -> Errno.EBUSY;
            case "EBADF" -> Errno.EBADF;
            case "ENODEV" -> Errno.ENODEV;
            default -> Errno.EOPNOTSUPP;
        };
        assertThat(hint("clone3({flags=CLONE_NEWUSER|CLONE_INTO_CGROUP})", errno)).contains(hint);
        assertThat(hint(CLONE, errno)).doesNotContain(hint);
    }

    @Test
    void a_security_module_is_blamed_before_the_cgroup() {
        ubuntu();
        assertThat(hint("clone3({flags=CLONE_NEWUSER|CLONE_INTO_CGROUP})", Errno.EACCES)).startsWith("Ubuntu restricts");
    }

    @Test
    void an_id_map_that_is_refused_is_explained() {
        assertThat(hint("write(/proc/7/uid_map, \"0 0 2\\n\", 6)", Errno.EPERM)).contains("user_namespaces(7)");
        assertThat(hint("write($7, \"-500\", 4)", Errno.EPERM)).isEmpty();
    }

    @Test
    void the_files_are_read_only_where_they_matter() {
        assertThat(Hints.dependsOnHost(CLONE, Errno.ENOSPC)).isTrue();
        assertThat(Hints.dependsOnHost(PROC, Errno.EPERM)).isTrue();
        assertThat(Hints.dependsOnHost("execve(\"/x\", [], [])", Errno.EACCES)).isFalse();
        assertThat(Hints.dependsOnHost("execve(\"/x\", [], [])", Errno.ENOENT)).isFalse();
        assertThat(Hints.dependsOnHost("chdir(\"/x\")", Errno.ENOENT)).isFalse();
    }
}
