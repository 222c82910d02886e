// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dolium.doctor.PreparedHost.CGROUP_V1;
import static org.dolium.doctor.PreparedHost.CGROUP_V2;
import static org.dolium.doctor.PreparedHost.FSMOUNT;
import static org.dolium.doctor.PreparedHost.MOVE_MOUNT;
import static org.dolium.doctor.PreparedHost.ofPlainUser;
import static org.dolium.doctor.PreparedHost.ofRoot;

import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.doctor.Finding.State;
import org.dolium.linux.Errno;
import org.dolium.remedy.HostFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The situations that hosts are known to be in, each prepared as the evidence that it gives.
class FindingsTest {
    private static void assertNoContainer(PreparedHost host, String... remedy) {
        assertThat(host.host().canRun()).isFalse();
        assertThat(host.finding(Probe.RUN).state()).isEqualTo(State.MISSING);
        assertThat(host.finding(Probe.RUN).remedy()).contains(remedy);
        assertThat(host.finding(Probe.RUN).lost()).isEqualTo("no container starts");
    }

    @Test
    void where_everything_works_nothing_is_said_to_be_lost() {
        for (PreparedHost host : List.of(ofRoot(), ofPlainUser())) {
            assertThat(host.host().canRun()).isTrue();
            assertThat(host.host().findings())
                    .hasSizeGreaterThan(20)
                    .allMatch(finding -> finding.state() == State.OK)
                    .allMatch(finding -> finding.lost().isEmpty() && finding.remedy().isEmpty());
        }
    }

    @Test
    void whatever_is_not_there_has_a_word_on_what_is_lost() {
        for (Probe probe : Probe.values()) {
            Finding finding = ofRoot().refused("x()", Errno.EIO, probe).finding(probe);
            assertThat(finding.state()).as(probe.text()).isNotEqualTo(State.OK);
            assertThat(finding.lost()).as(probe.text()).isNotEmpty();
        }
    }

    @Test
    void only_the_default_container_decides_whether_containers_run() {
        for (Probe probe : Probe.values()) {
            boolean runs = ofRoot().refused("x()", Errno.EIO, probe).host().canRun();
            assertThat(runs).as(probe.text()).isEqualTo(probe != Probe.RUN);
        }
    }

    @Test
    void files_alone_make_nothing_missing() {
        PreparedHost host = ofPlainUser()
                .file("/proc/sys/kernel/unprivileged_userns_clone", "0")
                .file("/proc/sys/user/max_user_namespaces", "0")
                .file("/proc/sys/vm/memfd_noexec", "2")
                .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                .file("/proc/self/attr/apparmor/current", "unconfined\n")
                .file(HostFiles.SAME_ROOT, "false")
                .status("Seccomp", "2");
        assertThat(host.host().findings()).allMatch(finding -> finding.state() == State.OK);
    }

    @Test
    void user_namespaces_that_are_used_up() {
        PreparedHost host = ofPlainUser().noNamespaces(Errno.ENOSPC).file("/proc/sys/user/max_user_namespaces", "0\n");
        assertNoContainer(host, "sudo sysctl -w user.max_user_namespaces=15000", "/etc/sysctl.d/99-userns.conf");
        assertThat(host.finding(Probe.USER).remedy()).isEqualTo(host.finding(Probe.RUN).remedy());
        assertThat(host.finding(Probe.NET).detail()).startsWith("needs a user namespace");
        assertThat(host.finding(Probe.LANDLOCK).detail()).isEqualTo(
                "version 7; without user namespaces it can still confine a process: withoutNamespaces(), --without-namespaces");
        assertThat(host.finding(Probe.ID_RANGES).detail()).startsWith("needs a user namespace");
    }

    @Test
    void root_can_do_without_user_namespaces() {
        PreparedHost host = ofRoot()
                .refused(PreparedHost.CLONE, Errno.ENOSPC, Probe.USER, Probe.ID_RANGES, Probe.OVERLAY_IN_USER_NAMESPACE)
                .file("/proc/sys/user/max_user_namespaces", "0\n");
        assertThat(host.host().canRun()).isTrue();
        assertThat(host.finding(Probe.USER).state()).isEqualTo(State.MISSING);
        assertThat(host.finding(Probe.USER).remedy()).contains("user.max_user_namespaces=15000");
        assertThat(host.finding(Probe.NET).state()).isEqualTo(State.OK);
        assertThat(host.finding(Probe.LANDLOCK).detail()).isEqualTo("version 7");
    }

    @Test
    void debians_switch() {
        assertNoContainer(
                ofPlainUser().noNamespaces(Errno.EPERM).file("/proc/sys/kernel/unprivileged_userns_clone", "0\n"),
                "sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }

    @Test
    void a_chroot() {
        PreparedHost host = ofPlainUser().noNamespaces(Errno.EPERM).file(HostFiles.SAME_ROOT, "false");
        assertNoContainer(host, "user namespaces can't be made in a chroot");
        assertThat(host.finding("surroundings").detail()).contains("in a chroot");
        assertThat(host.finding("surroundings").state()).isEqualTo(State.REDUCED);
    }

    @Test
    void an_app_armor_profile_that_lacks_userns() {
        PreparedHost host = ofPlainUser()
                .noNamespaces(Errno.EACCES)
                .file("/proc/self/attr/apparmor/current", "app (enforce)\n");
        assertNoContainer(host, "profile 'app (enforce)' lacks 'userns,'");
        assertThat(host.finding("AppArmor").detail()).contains("confined by 'app (enforce)'");
    }

    @ParameterizedTest
    @CsvSource({"sethostname, 1", "mount_setattr, 13", "execveat, 13"})
    void ubuntu_24_where_clone_works_and_a_later_step_fails(String call, int errno) {
        PreparedHost host = ofPlainUser()
                .refused(call + "(…)", new Errno(errno), Probe.RUN, Probe.UTS, Probe.MOUNT)
                .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                .file("/proc/self/attr/apparmor/current", "unconfined\n");
        assertNoContainer(
                host, "Ubuntu restricts user namespaces", "    profile java-containers /opt/jdk/bin/java flags=(unconfined) {\n",
                "sudo apparmor_parser -r /etc/apparmor.d/java-containers",
                "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        assertThat(host.finding("AppArmor").state()).isEqualTo(State.MISSING);
        assertThat(host.finding("AppArmor").remedy()).isEqualTo(host.finding(Probe.RUN).remedy());
    }

    @Test
    void ubuntu_24_with_the_profile() {
        PreparedHost host = ofPlainUser()
                .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                .file("/proc/self/attr/apparmor/current", "java-containers (unconfined)\n");
        assertThat(host.finding("AppArmor"))
                .isEqualTo(Finding.ok("AppArmor", "on, this JVM is java-containers (unconfined)"));
    }

    @Test
    void docker_as_it_is_without_options() {
        PreparedHost host = ofRoot().noNamespaces(Errno.ENOSYS).file("/.dockerenv", "").status("Seccomp", "2")
                .status("CapEff", "00000000a80425fb")
                .cgroups(new CgroupChoice.Nothing("/sys/fs/cgroup is read-only, as in a container", "needs --privileged"));
        assertNoContainer(host, "the outer container's seccomp profile", "--security-opt seccomp=unconfined");
        assertThat(host.finding("surroundings").detail()).contains("Docker");
        assertThat(host.finding(Probe.SECCOMP).detail()).contains("one is on this JVM");
        assertThat(host.finding("limits").state()).isEqualTo(State.MISSING);
        assertThat(host.finding("limits").detail()).contains("read-only");
        assertThat(host.finding("limits").remedy()).contains("--privileged");
    }

    @Test
    void docker_with_sys_admin_only() {
        PreparedHost host = ofRoot().refused(MOVE_MOUNT, Errno.EACCES, Probe.RUN, Probe.PROC, Probe.SYSFS, Probe.OVERLAY)
                .file("/.dockerenv", "")
                .file("/proc/self/attr/apparmor/current", "docker-default (enforce)\n");
        assertNoContainer(host, "--security-opt apparmor=unconfined");
        assertThat(host.finding(Probe.PROC).remedy()).contains("--security-opt apparmor=unconfined");
        assertThat(host.finding(Probe.MOUNT).state()).isEqualTo(State.OK);
    }

    @Test
    void docker_with_masked_proc() {
        PreparedHost host = ofPlainUser().refused(FSMOUNT, Errno.EPERM, Probe.RUN, Probe.PROC).file("/.dockerenv", "");
        assertNoContainer(host, "--security-opt systempaths=unconfined");
        assertThat(host.finding(Probe.PROC).lost()).contains("no default container starts");
    }

    @Test
    void podman_with_masked_proc() {
        assertNoContainer(
                ofPlainUser().refused(FSMOUNT, Errno.EPERM, Probe.RUN, Probe.PROC).file("/run/.containerenv", ""),
                "unmask=ALL");
    }

    @Test
    void docker_whose_own_root_is_an_overlay() {
        PreparedHost host = ofRoot()
                .refused("fsconfig($1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)", Errno.EINVAL, Probe.OVERLAY_ON_DISK)
                .file("/.dockerenv", "");
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).state()).isEqualTo(State.REDUCED);
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).remedy()).contains("put the directory on a volume");
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).detail()).startsWith("/tmp: fsconfig(");
        assertThat(host.host().canRun()).isTrue();
    }

    @Test
    void an_overlay_in_memory_that_is_mounted_but_can_not_be_used() {
        PreparedHost host = ofPlainUser()
                .refused("mkdirat($24, \"empty\", 0755)", Errno.EIO, Probe.OVERLAY, Probe.OVERLAY_IN_USER_NAMESPACE);
        assertThat(host.finding(Probe.OVERLAY).state()).isEqualTo(State.REDUCED);
        assertThat(host.finding(Probe.OVERLAY).remedy()).contains("upperOnDisk", "Linux 6.6");
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).state()).isEqualTo(State.OK);
        host.refused("fsconfig($1)", Errno.EINVAL, Probe.OVERLAY_ON_DISK);
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).remedy()).contains("volume");
    }

    @Test
    void no_overlays_at_all() {
        PreparedHost host = ofRoot().refused("fsopen(\"overlay\", FSOPEN_CLOEXEC)", Errno.ENODEV, Probe.OVERLAY,
                Probe.OVERLAY_IN_USER_NAMESPACE, Probe.OVERLAY_ON_DISK);
        assertThat(host.finding(Probe.OVERLAY).state()).isEqualTo(State.MISSING);
        assertThat(host.finding(Probe.OVERLAY).remedy()).contains("modprobe overlay");
        assertThat(host.finding(Probe.OVERLAY_ON_DISK).detail()).isEqualTo("needs overlays, see there");
    }

    @Test
    void kubernetes() {
        PreparedHost host = ofRoot().noNamespaces(Errno.ENOSYS).status("Seccomp", "2")
                .variable("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        assertNoContainer(host, "securityContext", "seccompProfile: {type: Unconfined}");
        assertThat(host.finding("surroundings").detail()).contains("Kubernetes");
    }

    @Test
    void wsl2_with_cgroup_v1() {
        PreparedHost host = ofPlainUser().file("/proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n")
                .cgroups(new CgroupChoice.Nothing("cgroup v1 can't be delegated to users", "boot"));
        assertThat(host.finding("surroundings").detail()).contains("WSL2");
        assertThat(host.finding("limits").remedy()).contains("kernelCommandLine = cgroup_no_v1=all", "wsl --shutdown");
    }

    @Test
    void github_actions() {
        PreparedHost host = ofPlainUser().noNamespaces(Errno.EACCES).variable("GITHUB_ACTIONS", "true")
                .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                .file("/proc/self/attr/apparmor/current", "unconfined\n");
        assertNoContainer(host, "add the step\n    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n");
        assertThat(host.finding("surroundings").detail()).contains("GitHub Actions");
    }

    @Test
    void se_linux_that_forbids_something() {
        PreparedHost host = ofRoot().refused("execveat(3, \"\", [], [])", Errno.EACCES, Probe.RUN)
                .file("/sys/fs/selinux/enforce", "1").file("/proc/self/attr/current", "system_u:system_r:app_t:s0");
        assertNoContainer(host, "ausearch -m avc -ts recent");
        assertThat(host.finding("SELinux").detail()).contains("enforcing", "app_t");
        assertThat(host.file("/sys/fs/selinux/enforce", "0").finding("SELinux").detail()).isEqualTo("permissive");
    }

    @Test
    void a_plain_user_without_ranges_of_ids() {
        PreparedHost host = ofPlainUser().outcome(Probe.ID_RANGES, new Outcome.Failed("no line for this user"));
        assertThat(host.finding(Probe.ID_RANGES).state()).isEqualTo(State.REDUCED);
        assertThat(host.finding(Probe.ID_RANGES).lost()).contains("one user id only");
        assertThat(host.finding(Probe.ID_RANGES).remedy())
                .contains("install the package 'uidmap'", "usermod --add-subuids 100000-165535", " app");
        assertThat(host.host().canRun()).isTrue();
    }

    @Test
    void a_plain_user_whose_jvm_has_no_new_privs() {
        PreparedHost host = ofPlainUser().status("NoNewPrivs", "1")
                .outcome(Probe.ID_RANGES, new Outcome.Failed("newuidmap failed with exit code 1: …; install it"));
        assertThat(host.finding(Probe.ID_RANGES).remedy()).contains("no_new_privs").doesNotContain("usermod");
        assertThat(host.finding(Probe.ID_RANGES).detail()).doesNotContain("install");
    }

    @Test
    void memory_files_that_may_not_be_executed() {
        PreparedHost host = ofRoot().refused("memfd_create(\"dolium\", MFD_EXEC)", Errno.EACCES, Probe.MEMORY_FILE);
        assertThat(host.finding(Probe.MEMORY_FILE).state()).isEqualTo(State.REDUCED);
        assertThat(host.finding(Probe.MEMORY_FILE).remedy()).isEqualTo("sudo sysctl -w vm.memfd_noexec=1");
    }

    @ParameterizedTest
    @CsvSource({"5.13.19, MISSING", "4.18.0-553.el8, MISSING", "5.14.0-70.el9, OK", "6.1.0, OK", "7.2, OK", "10, OK"})
    void the_kernels_version(String release, State state) {
        Finding kernel = ofRoot().file("/proc/sys/kernel/osrelease", release + "\n").finding("kernel");
        assertThat(kernel.state()).isEqualTo(state);
        assertThat(kernel.detail()).contains(release);
        assertThat(kernel.lost().contains("mount_setattr")).isEqualTo(state == State.MISSING);
    }

    @Test
    void inside_a_user_namespace() {
        PreparedHost host = ofRoot().file("/proc/self/uid_map", "0 1000 1\n1 100000 65536\n");
        assertThat(host.finding("surroundings").state()).isEqualTo(State.REDUCED);
        assertThat(host.finding("surroundings").detail()).contains("inside a user namespace");
        host.refused("write(/proc/7/uid_map, \"0 0 2\\n\", 6)", Errno.EPERM, Probe.ID_RANGES);
        assertThat(host.finding(Probe.ID_RANGES).state()).isEqualTo(State.REDUCED);
    }

    @Test
    void without_proc() {
        PreparedHost host = ofRoot().without("/proc/self/status").without("/proc/self/uid_map")
                .without("/proc/sys/kernel/osrelease")
                .onlyDefault(new Outcome.Failed("cannot read /proc/self/status: Dolium needs a mounted /proc"));
        assertNoContainer(host, "sudo mount -t proc proc /proc");
        assertThat(host.host().findings()).hasSize(3);
    }

    @Test
    void a_chroot_into_a_plain_directory_has_no_mount_at_its_root() {
        PreparedHost host = ofPlainUser().noNamespaces(Errno.EPERM);
        host.file("/proc/self/mountinfo", "30 29 0:5 / /proc rw - proc proc rw\n");
        assertThat(host.finding("surroundings").detail()).contains("in a chroot");
        host.file("/proc/self/mountinfo", "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 29 0:5 / /proc rw - proc proc rw\n");
        assertThat(host.finding("surroundings").detail()).doesNotContain("in a chroot");
    }

    @Test
    void a_plain_user_of_cgroup_v1() {
        PreparedHost host = ofPlainUser()
                .file("/proc/self/mountinfo", "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + CGROUP_V2 + CGROUP_V1)
                .cgroups(new CgroupChoice.Nothing(
                        "cgroup v1 can't be delegated to users", "boot with systemd.unified_cgroup_hierarchy=1"));
        assertThat(host.finding("cgroups").detail()).startsWith("v1 and v2 (hybrid), no group can be made: cgroup v1 can't");
        assertThat(host.finding("limits").state()).isEqualTo(State.MISSING);
        assertThat(host.finding("limits").lost()).contains("memory");
        assertThat(host.finding("limits").remedy()).contains("systemd.unified_cgroup_hierarchy=1");
        assertThat(host.host().canRun()).isTrue();
    }

    @Test
    void a_plain_user_without_a_user_manager() {
        PreparedHost host = ofPlainUser().cgroups(
                new CgroupChoice.Nothing("no systemd user manager for uid 1000", "run `sudo loginctl enable-linger NAME`"));
        assertThat(host.finding("limits").detail()).isEqualTo("can't be enforced: no systemd user manager for uid 1000");
        assertThat(host.finding("limits").remedy()).contains("loginctl enable-linger");
    }

    @Test
    void a_user_manager_that_has_not_all_controllers() {
        PreparedHost host = ofPlainUser().cgroups(new CgroupChoice.Scope(
                        true, true, new CgroupMount("/sys/fs/cgroup", "/", true, false, List.of())))
                .outcome(Probe.CPU_LIMIT, new Outcome.Unsupported("the cpu controller is not delegated", "Delegate=cpu"));
        assertThat(host.finding("cgroups"))
                .isEqualTo(Finding.ok("cgroups", "v2, in scopes of systemd's user manager"));
        assertThat(host.finding(Probe.CPU_LIMIT)).isEqualTo(Finding.missing(
                "cpu limit", "the cpu controller is not delegated", "limits of processor time", "Delegate=cpu"));
        assertThat(host.finding(Probe.MEMORY_LIMIT).state()).isEqualTo(State.OK);
    }

    @Test
    void a_pod_whose_cgroups_are_read_only() {
        PreparedHost host = ofRoot().variable("KUBERNETES_SERVICE_HOST", "10.0.0.1")
                .cgroups(new CgroupChoice.Nothing("/sys/fs/cgroup is read-only, as in a container", "--privileged"));
        assertThat(host.finding("limits").remedy()).isEqualTo("limits need a privileged pod");
    }

    @Test
    void no_cgroups_at_all() {
        PreparedHost host = ofRoot().file("/proc/self/mountinfo", "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
                .cgroups(new CgroupChoice.Nothing("no cgroup file system is mounted", "mount cgroup2 at /sys/fs/cgroup"));
        assertThat(host.finding("cgroups").detail()).startsWith("not mounted, ");
        assertThat(host.finding("cgroups").remedy()).isEqualTo("mount cgroup2 at /sys/fs/cgroup");
    }
}
