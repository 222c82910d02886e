// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.Requirement;
import org.dolium.confinement.Landlock;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.IdMaps;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows C of the security matrix: users, groups, capabilities.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class CredentialSecurityTest extends SecurityRows {
    private static final String STATUS = "cat /proc/self/status";
    private static final String STATE = "grep -E '^(Umask|Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig)' /proc/self/status;"
            + " cut -d ' ' -f 4- /proc/self/mountinfo; cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward; ls /proc/self/fd;"
            + " ulimit -a; hostname; pwd; touch /etc/x /mnt/x; cat /etc/group";
    private static final long ELEVEN = CapabilitySets.standard().bounding();

    private static ProcessStatus status(ContainerBuilder builder) throws Exception {
        return ProcessStatus.parse(output(builder));
    }

    private static ProcessStatus status(ContainerSpec spec) throws Exception {
        return ProcessStatus.parse(output(spec));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_01_nothing_is_inheritable_or_ambient(Mode mode) throws Exception {
        for (String user : new String[] {"0:0", "1000:1000"}) {
            ProcessStatus status = status(tiny(mode, STATUS).user(user));
            assertThat(status.mask("CapInh")).isZero();
            assertThat(status.mask("CapAmb")).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_01_without_the_control_inheritable_capabilities_stay(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, STATUS).user("1000:1000").capabilities(
                CapabilitySets.none().plusAmbient(Capability.NET_RAW));
        ProcessStatus status = status(builder);
        assertThat(status.mask("CapInh")).isEqualTo(Capability.NET_RAW.bit());
        assertThat(status.mask("CapAmb")).isEqualTo(Capability.NET_RAW.bit());
        assertThat(status.mask("CapEff")).isEqualTo(Capability.NET_RAW.bit());
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_02_another_user_than_root_has_no_capabilities(Mode mode) throws Exception {
        ProcessStatus status = status(tiny(mode, STATUS).user("1000:1000"));
        assertThat(status.field("Uid")).isEqualTo("1000\t1000\t1000\t1000");
        assertThat(status.field("Gid")).isEqualTo("1000\t1000\t1000\t1000");
        assertThat(status.mask("CapEff")).isZero();
        assertThat(status.mask("CapPrm")).isZero();
        assertThat(status.mask("CapBnd")).isEqualTo(ELEVEN);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_02_root_has_exactly_the_eleven(Mode mode) throws Exception {
        ProcessStatus status = status(tiny(mode, STATUS));
        for (String set : new String[] {"CapEff", "CapPrm", "CapBnd"}) {
            assertThat(status.mask(set)).as(set).isEqualTo(ELEVEN);
        }
        assertThat(Long.bitCount(ELEVEN)).isEqualTo(11);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_02_without_the_control_another_user_keeps_capabilities(Mode mode) throws Exception {
        // the final capset is left out, and what it would have cleared is raised to survive the exec
        ContainerBuilder builder = tiny(mode, STATUS).user("1000:1000");
        byte[] all = new byte[24];
        int bit = 1 << Capability.KILL.ordinal();
        all[0] = all[4] = all[8] = (byte) bit;
        Step raise = new Step.Call(Syscall.of(
                Sys.PRCTL, Arg.num(47), Arg.num(2), Arg.num(Capability.KILL.ordinal()), Arg.num(0), Arg.num(0)));
        ContainerSpec weak = Variant.of(builder, "capset\\(.*|capget\\(.*|expect .* capabilities .*|umask\\(022.*", step -> {
            if (step instanceof Step.Call call && call.call().sys() == Sys.CAPSET) {
                return new Step.Call(
                        Syscall.of(Sys.CAPSET, call.call().args().get(0), new Arg.Bytes(all, "{KILL}")));
            }
            return step.toString().startsWith("umask") ? raise : Variant.NOTHING;
        });
        assertThat(status(weak).mask("CapEff")).isEqualTo(bit);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_03_the_bounding_set_is_what_was_asked_for(Mode mode) throws Exception {
        assertThat(status(tiny(mode, STATUS).capabilities(CapabilitySets.none())).mask("CapBnd")).isZero();
        assertThat(status(tiny(mode, STATUS).addCapabilities(Capability.NET_ADMIN)).mask("CapBnd"))
                .isEqualTo(ELEVEN | Capability.NET_ADMIN.bit());
        assertThat(status(tiny(mode, STATUS).dropCapabilities(Capability.CHOWN)).mask("CapBnd"))
                .isEqualTo(ELEVEN & ~Capability.CHOWN.bit());
        assertThatThrownBy(() -> Capability.parse("CAP_FOO")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_03_without_the_control_a_capability_stays_in_the_bounding_set(Mode mode) throws Exception {
        ContainerSpec weak = Variant.without(tiny(mode, STATUS), "prctl\\(PR_CAPBSET_DROP, CAP_SYS_ADMIN.*");
        assertThat(status(weak).mask("CapBnd") & Capability.SYS_ADMIN.bit()).isNotZero();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_05_no_program_gains_privileges(Mode mode) throws Exception {
        ProcessStatus status = status(tiny(mode, STATUS));
        assertThat(status.field("NoNewPrivs")).isEqualTo("1");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_05_without_the_control_privileges_can_be_gained(Mode mode) throws Exception {
        assertThat(status(tiny(mode, STATUS).noNewPrivileges(false)).field("NoNewPrivs")).isEqualTo("0");
        ContainerBuilder unfiltered = tiny(mode, STATUS).seccomp(SeccompProfile.unconfined()); // a filter needs the control
        assertThat(status(Variant.without(unfiltered, "prctl\\(PR_SET_NO_NEW_PRIVS.*")).field("NoNewPrivs"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_05_a_set_user_id_program_changes_nothing_unless_both_controls_are_off(Mode mode) throws Exception {
        if (mode != Mode.R) {
            return; // only root can make a program of another user that is mapped
        }
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path id = Files.copy(Path.of("/usr/bin/id"), programs.resolve("id"));
        assertThat(new ProcessBuilder("chmod", "4755", id.toString()).start().waitFor()).isZero();
        Bind plain = Bind.of(programs, "/mnt");
        assertThat(output(id(true, plain))).isEqualTo("1000\n");
        assertThat(output(id(true, plain.allowSetUserId()))).isEqualTo("1000\n");
        assertThat(output(id(false, plain))).isEqualTo("1000\n");
        assertThat(output(id(false, plain.allowSetUserId()))).isEqualTo("0\n");
    }

    /// The host's own id(1), as busybox gives such privileges up by itself.
    private static ContainerBuilder id(boolean noNewPrivileges, Bind programs) {
        return ContainerBuilder.create()
                .command("/mnt/id", "-u")
                .user("1000:1000")
                .noNewPrivileges(noNewPrivileges)
                .mount(programs);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_09_every_step_that_reduces_privileges_is_checked(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran").user("1000:1000");
        Set<String> calls = new LinkedHashSet<>();
        String plan = builder.build().explain();
        for (String line : plan.split("\n", -1)) {
            if (line.matches("\\$\\d+ = (setgroups|setresgid|setresuid|capset|prctl\\(PR_(SET_NO_NEW|CAPBSET|CAP_AMB|SET_DUMP)).*")) {
                calls.add(line.substring(line.indexOf("= ") + 2));
            }
        }
        assertThat(calls).hasSizeGreaterThan(25);
        for (String call : calls) {
            assertThatThrownBy(() -> Variant.failing(builder, java.util.regex.Pattern.quote(call)).run(LIMIT))
                    .as(call)
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("close(-1) = -1 EBADF");
        }
    }

    /// Everything that a launch does, as far as a container can have it.
    private ContainerBuilder everything(Mode mode) throws Exception {
        Path data = Files.createDirectories(directory.resolve("data"));
        return tiny(mode, STATE).user("1000:1000").hostname("rows").sysctl("net.ipv4.ip_forward", "1")
                .rlimit(new Rlimit(Rlimit.Resource.NOFILE, 100, 200)).oomScoreAdj(500).bindReadOnly(data, "/mnt").tmpfs("/tmp")
                .readOnlyPath("/etc").maskPath("/etc/group")
                .landlock(Landlock.create().execute("/").readWrite("/dev"), Requirement.PREFERRED);
    }

    /// The kernel refuses each call of the plan in turn, as a filter on the JVM could. Only what may fail does not end the
    /// start; the command is confined as ever then.
    @ParameterizedTest
    @MethodSource("modes")
    void C_09_whichever_call_is_refused_nothing_runs_with_more(Mode mode) throws Exception {
        ContainerBuilder builder = everything(mode);
        String usual = output(builder);
        assertThat(usual).contains("NoNewPrivs:\t1", "Seccomp:\t2");
        List<Step> steps = builder.build().blueprint.program().plan().steps();
        int last = steps.size() - 1;
        assertThat(steps.get(last)).hasToString("exit_group(127)"); // where no command was found
        int failed = 0;
        for (int i = 0; i < last; i++) {
            if (!(steps.get(i) instanceof Step.Call call)) {
                continue;
            }
            try {
                assertThat(output(Variant.refusing(builder, i))).as(call.toString()).isEqualTo(usual);
                assertThat(call.tolerated().contains(Errno.EPERM) || isAboutSomethingMissing(call, steps)).as(call.toString()).isTrue();
            } catch (LaunchException e) {
                // a child that ends before its ids are mapped is missed by who maps them
                assertThat(e).message().containsPattern("capset\\(\\{no process\\}, .* = -1 EPERM|\"/proc/\\d+/(setgroups|[ug]id_map)");
                failed++;
            }
        }
        assertThat(failed).isGreaterThan(150);
    }

    /// Whether it uses what an earlier call found, if there was something: the paths to mask are not all on every machine.
    private static boolean isAboutSomethingMissing(Step.Call call, List<Step> steps) {
        return call.call().args().stream().anyMatch(argument -> argument instanceof Arg.Result found
                && steps.get(found.step()) instanceof Step.Call open && open.tolerated().contains(Errno.ENOENT));
    }

    @Test
    void C_09_without_the_control_a_failed_step_is_passed_over() throws Exception {
        ContainerBuilder builder = tiny(Mode.here().get(0), "echo ran").user("1000:1000");
        Step passedOver = new Step.Call(
                Syscall.of(Sys.CLOSE, Arg.num(-1)), List.of(Errno.EBADF), Step.Call.ANY, false);
        ContainerSpec weak = Variant.of(
                builder, "(capset|capget)\\(.*|expect .* capabilities .*",
                step -> step.toString().startsWith("capset") ? passedOver : Variant.NOTHING);
        assertThat(output(weak)).isEqualTo("ran\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_09_a_step_that_silently_did_nothing_is_noticed(Mode mode) throws Exception {
        String[][] rows = {
            {"setresuid\\(1000, .*", "has uid 1000"}, {"setresgid\\(1000, .*", "has gid 1000"}, {"capset\\(.*", "has the capabilities"}
        };
        for (String[] row : mode == Mode.U1 ? new String[][] {rows[2]} : rows) { // a single id has been set already
            ContainerSpec broken = Variant.without(tiny(mode, "echo ran").user("1000:1000"), row[0]);
            assertThatThrownBy(() -> broken.run(LIMIT)).isInstanceOf(LaunchException.class).hasMessageContaining(row[1]);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_09_without_the_control_the_command_keeps_its_uid(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, STATUS).user("1000:1000");
        ContainerSpec weak = Variant.without(builder, "setresuid\\(1000, .*|getresuid\\(.*|expect .* has uid 1000");
        assertThat(status(weak).field("Uid")).startsWith(mode == Mode.U1 ? "1000" : "0");
    }

    @Test
    void C_10_maps_that_overlap_or_overflow_are_refused_and_host_root_is_mapped_only_if_asked() throws Exception {
        for (String text : new String[] {"0:0:0", "0:1:2,1:9:1", "0:5:3,9:6:1", "4294967295:0:1", "0:4294967295:1",
            "0:4294967290:10", "-1:0:1", "0:0:99999999999", "", "1:2", "a:b:c"}) {
            assertThatThrownBy(() -> IdMaps.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
        for (Mode mode : Mode.here()) {
            String map = output(tiny(mode, "cat /proc/self/uid_map")).trim().replaceAll(" +", " ");
            assertThat(map).isEqualTo(switch (mode) {
                case R -> "0 0 4294967295"; // no user namespace: that of the host
                case RU -> "0 100000 65536";
                case U1 -> "0 " + ProcessStatus.self().effectiveUid() + " 1";
            });
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_11_secure_bits_are_zero(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran");
        assertThat(builder.explain()).contains("prctl(PR_GET_SECUREBITS) must be 0");
        assertThat(output(builder)).isEqualTo("ran\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_11_without_the_control_keepcaps_is_still_set(Mode mode) throws Exception {
        ContainerSpec weak = Variant.without(tiny(mode, "echo ran"), "prctl\\(PR_SET_KEEPCAPS, 0\\)");
        assertThatThrownBy(() -> weak.run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("PR_GET_SECUREBITS");
    }
}
