// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Reports of JVMs on hosts that refuse something, prepared for real: the report is about what really fails there.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class HostileHostReportTest {
    private static final List<String> HERE = List.of("env");
    private static final List<String> OWN_MOUNTS = List.of("unshare", "--mount", "--propagation", "private");
    private static final List<String> OWN_USERS = List.of("unshare", "--user", "--map-root-user");
    private static final List<String> OWN_PIDS = List.of("unshare", "--pid", "--fork", "--mount-proc");
    private static final String WITHOUT_CAPABILITIES = "exec setpriv --bounding-set=-all --inh-caps=-all \"$@\"";

    @TempDir
    Path directory;

    /// The report, with lines that were wrapped in one piece again.
    private String report(List<String> prefix, String script, String... steps) throws Exception {
        String[] arguments = Arrays.copyOf(steps, steps.length + 1);
        arguments[steps.length] = "doctor";
        String output = Situation.run(
                prefix, script, Files.createDirectory(directory.resolve("scratch")), Examination.class, arguments);
        return output.replaceAll("\n {10,}", " ");
    }

    private static void assertCanNotRun(String report, String reason, String... remedy) {
        assertThat(report).containsPattern("(?m)^default container +missing +" + reason)
                .contains("\n    without it: no container starts\n")
                .contains("\ncan run: false\n");
        String first = report.substring(0, report.indexOf("\nkernel "));
        assertThat(first.substring(first.indexOf("\n    remedy: ") + 1)).startsWith("    remedy: ").contains(remedy);
    }

    private static void assertLine(String report, String line) {
        assertThat(report).containsPattern("(?m)^" + line);
    }

    @Test
    void the_situations_themselves_do_no_harm() throws Exception {
        String report = report(HERE, Situation.AS_PLAIN_USER);
        assertLine(report, "default container +ok +starts$");
        assertThat(report).endsWith("can run: true\n");
    }

    @Test
    void user_namespaces_that_are_used_up_stop_a_plain_user() throws Exception {
        String report = report(OWN_USERS, "echo 0 > /proc/sys/user/max_user_namespaces; " + WITHOUT_CAPABILITIES);
        assertCanNotRun(report, "clone3\\(.* = -1 ENOSPC", "sudo sysctl -w user.max_user_namespaces=15000");
        assertLine(report, "user namespaces +missing +clone3\\(\\{flags=.*CLONE_NEWUSER\\}\\) = -1 ENOSPC");
        assertLine(report, "network namespaces +missing +needs a user namespace");
        assertLine(report, "clone3 +ok");
    }

    @Test
    void user_namespaces_that_are_used_up_do_not_stop_root() throws Exception {
        String report = report(OWN_USERS, "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"");
        assertLine(report, "default container +ok");
        assertLine(report, "user namespaces +missing +clone3\\(.* = -1 ENOSPC");
        assertLine(report, "surroundings +reduced +.*inside a user namespace");
        assertThat(report).contains("sudo sysctl -w user.max_user_namespaces=15000").endsWith("can run: true\n");
    }

    @Test
    void one_kind_of_namespace_that_is_used_up_is_found() throws Exception {
        String report = report(OWN_USERS, "echo 0 > /proc/sys/user/max_net_namespaces; exec \"$@\"");
        assertCanNotRun(report, "clone3\\(.* = -1 ENOSPC", "sudo sysctl -w user.max_net_namespaces=15000");
        assertLine(report, "network namespaces +missing +clone3\\(.*\\|CLONE_NEWNET\\}\\) = -1 ENOSPC");
        assertLine(report, "pid namespaces +ok");
        assertLine(report, "mount namespaces +ok");
    }

    @Test
    void a_chroot_stops_a_plain_user() throws Exception {
        Path place = Files.createDirectory(directory.resolve("place"));
        String script = "mount --rbind / " + place + "; exec chroot " + place + " "
                + Situation.AS_PLAIN_USER.substring("exec ".length());
        assertCanNotRun(report(OWN_MOUNTS, script), "clone3\\(.* = -1 EPERM", "can't be made in a chroot");
    }

    @Test
    void a_chroot_into_a_plain_directory_is_seen() throws Exception {
        Path place = Files.createDirectory(directory.resolve("place"));
        String script = "for d in /*; do if [ -h $d ]; then cp -P $d " + place + "; elif [ -d $d ]; then mkdir " + place
                + "$d; mount --rbind $d " + place + "$d; fi; done; exec chroot " + place + " \"$@\"";
        String report = report(OWN_MOUNTS, script);
        assertLine(report, "surroundings +reduced +.*in a chroot");
        assertCanNotRun(report, "mount_setattr\\(.* = -1 EINVAL", "the root directory is no mount, as in a chroot");
        assertLine(report, "user namespaces +missing +clone3\\(.* = -1 EPERM");
        assertThat(report).contains("remedy: user namespaces can't be made in a chroot\n");
    }

    @Test
    void root_can_work_in_a_chroot_into_a_mount() throws Exception {
        Path place = Files.createDirectory(directory.resolve("place"));
        String report = report(OWN_MOUNTS, "mount --rbind / " + place + "; exec chroot " + place + " \"$@\"");
        assertLine(report, "default container +ok");
        assertLine(report, "user namespaces +missing +clone3\\(.* = -1 EPERM");
        assertThat(report).contains("user namespaces can't be made in a chroot");
    }

    @Test
    void a_seccomp_profile_that_hides_clone3() throws Exception {
        String report = report(HERE, "exec \"$@\"", "clone3-fails-with=38");
        assertCanNotRun(report, "clone3\\(.* = -1 ENOSYS", "--security-opt seccomp=unconfined");
        assertLine(report, "clone3 +ok"); // by clone(2), without namespaces
        assertLine(report, "user namespaces +missing +clone3\\(.* = -1 ENOSYS");
        assertLine(report, "seccomp filters +ok +yes; one is on this JVM");
    }

    @Test
    void a_security_module_that_forbids_clone3() throws Exception {
        String report = report(HERE, Situation.AS_PLAIN_USER, "doctor", "clone3-fails-with=13");
        assertCanNotRun(report.substring(report.lastIndexOf("\ndefault container ") + 1), "clone3\\(.* = -1 EACCES", "AppArmor forbids user namespaces");
    }

    @Test
    void a_masked_proc() throws Exception {
        String report = report(OWN_MOUNTS, "mount -t tmpfs none /proc/irq; " + Situation.AS_PLAIN_USER);
        assertCanNotRun(report, "fsmount\\(.* = -1 EPERM", "systempaths=unconfined");
        assertLine(report, "new /proc +missing +fsmount\\(.* = -1 EPERM");
        assertLine(report, "new /sys +ok");
        assertLine(report, "pid namespaces +ok");
    }

    @Test
    void memory_files_that_may_not_be_executed() throws Exception {
        String report = report(OWN_PIDS, "echo 2 > /proc/sys/vm/memfd_noexec; exec \"$@\"");
        assertLine(report, "memfd exec +reduced +memfd_create\\(.* = -1 EACCES");
        assertThat(report).contains("remedy: sudo sysctl -w vm.memfd_noexec=1\n").endsWith("can run: true\n");
    }

    @Test
    void no_file_at_all_that_may_be_executed() throws Exception {
        String script = "echo 2 > /proc/sys/vm/memfd_noexec; for d in /var/tmp /run " + directory
                + "/scratch/tmp; do mount -t tmpfs -o noexec,mode=1777 none $d; done; exec \"$@\"";
        assertCanNotRun(report(OWN_PIDS, script), "memfd_create\\(.* = -1 EACCES", "sudo sysctl -w vm.memfd_noexec=1");
    }

    @Test
    void no_more_processes() throws Exception {
        String report = report(HERE, Situation.AS_PLAIN_USER, "processes-at-most=1");
        assertThat(report).containsPattern("(?m)^default container +missing ").endsWith("can run: false\n");
    }

    /// Without /proc the JVM's own launcher does not find its libraries.
    @Test
    void no_proc_at_all() throws Exception {
        String libraries = "export LD_LIBRARY_PATH=${1%/bin/java}/lib; ";
        String report = report(OWN_MOUNTS, libraries + "umount -l /proc; exec \"$@\"");
        assertCanNotRun(
                report, "Dolium can't work in this JVM: cannot read /proc/self/status",
                "Dolium needs /proc: sudo mount -t proc proc /proc");
        assertThat(report).doesNotContain("clone3");
    }

    @Test
    void temporary_files_on_an_overlay_as_in_docker() throws Exception {
        String tmp = directory + "/scratch/tmp";
        String script = "mount -t tmpfs none /mnt; mkdir /mnt/l /mnt/u /mnt/w; mount -t overlay none -o"
                + " lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w " + tmp + "; exec \"$@\"";
        String report = report(OWN_MOUNTS, script);
        assertLine(report, "overlay on disk +reduced +" + tmp + ": fsconfig\\(.* = -1 EINVAL");
        assertLine(report, "overlay +ok");
        assertThat(report).contains("put the directory on a volume").endsWith("can run: true\n");
    }

    @Test
    void debians_switch() throws Exception {
        Path kernel = Files.createDirectory(directory.resolve("kernel"));
        String script = "cp /proc/sys/kernel/osrelease /proc/sys/kernel/cap_last_cap " + kernel + "; echo 0 > " + kernel
                + "/unprivileged_userns_clone; chmod -R a+rX " + kernel + "; mount --bind " + kernel
                + " /proc/sys/kernel; " + Situation.AS_PLAIN_USER;
        String report = report(OWN_MOUNTS, script, "doctor", "clone3-fails-with=1");
        assertCanNotRun(
                report.substring(report.lastIndexOf("\ndefault container ") + 1), "clone3\\(.* = -1 EPERM",
                "sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }
}
