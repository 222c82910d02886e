// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.cgroup.systemd.FakeManager.JOB;
import static org.dolium.cgroup.systemd.FakeManager.SENDER;

import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.dolium.cgroup.dbus.Deadline;
import org.dolium.cgroup.dbus.Messages;
import org.dolium.cgroup.dbus.WireWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is asked of a manager, and what is made of its answers. The real one is asked in the test machine.
class ScopeTest {
    private static final UnitName UNIT = UnitName.scope("web");
    private static final ScopeRequest REQUEST =
            new ScopeRequest(UNIT, "Web; Delegate=false\nUser=root", Optional.of(UnitName.slice("machine.slice")), 4242,
                    Duration.ofSeconds(2));
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(400);

    @TempDir
    Path directory;

    private void start(FakeManager manager, Duration limit) throws Exception {
        try (Systemd systemd = Systemd.connect(manager.choice(), Deadline.in(limit))) {
            systemd.start(REQUEST);
        }
    }

    private void start(FakeManager.Answer answer, Duration limit) throws Exception {
        try (FakeManager manager = new FakeManager(directory, answer)) {
            start(manager, limit);
        }
    }

    /// Whatever a description says, it is one property's text.
    @Test
    void G_04_a_scope_has_exactly_these_properties() throws Exception {
        try (FakeManager manager = new FakeManager(directory, (line, call) -> {
            FakeManager.job(line, call);
            FakeManager.removed(line, SENDER, JOB, UNIT.text(), "done");
        })) {
            start(manager, LONG);
            assertThat(manager.asked).containsExactly("StartTransientUnit ssa(sv)a(sa(sv)) dolium-web.scope fail"
                    + " Description='Web; Delegate=false\nUser=root' Slice='machine.slice' Delegate=true"
                    + " CollectMode='inactive-or-failed' TasksMax=-1 TimeoutStopUSec=2000000 PIDs=[4242]");
        }
    }

    @Test
    void a_job_may_end_before_the_answer_comes() throws Exception {
        start((line, call) -> {
            FakeManager.removed(line, SENDER, JOB, UNIT.text(), "done");
            FakeManager.job(line, call);
        }, LONG);
    }

    /// On a bus anybody can send a signal; and other jobs end too.
    @Test
    void the_ends_of_other_jobs_and_from_other_senders_do_not_count() {
        assertThatThrownBy(() -> start((line, call) -> {
            FakeManager.removed(line, ":1.666", JOB, UNIT.text(), "done");
            FakeManager.job(line, call);
            FakeManager.removed(line, ":1.666", JOB, UNIT.text(), "done");
            FakeManager.removed(line, SENDER, JOB + "7", UNIT.text(), "done");
            FakeManager.removed(line, SENDER, JOB, "dolium-other.scope", "done");
        }, SHORT)).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @CsvSource({"failed", "canceled", "timeout", "dependency", "skipped", "''"})
    void a_job_that_ends_otherwise_is_an_error(String result) {
        assertThatThrownBy(() -> start((line, call) -> {
            FakeManager.job(line, call);
            FakeManager.removed(line, SENDER, JOB, UNIT.text(), result);
        }, LONG)).isInstanceOf(SystemdException.class)
                .hasMessage("StartTransientUnit of dolium-web.scope " + result + "; see journalctl -u 'dolium-web.scope'");
    }

    @ParameterizedTest
    @CsvSource({
        "org.freedesktop.DBus.Error.AccessDenied, 'sudo loginctl enable-linger'",
        "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired, 'sudo loginctl enable-linger'",
        "org.freedesktop.DBus.Error.UnknownMethod, 'no systemd|not a systemd'",
        "org.freedesktop.systemd1.UnitExists, 'exists already'",
        "org.freedesktop.DBus.Error.InvalidArgs, 'told by it'",
    })
    void errors_say_what_to_do(String name, String words) {
        assertThatThrownBy(() -> start(
                        (line, call) -> line.send(Messages.error(call.serial(), SENDER, name, "told by it")), LONG))
                .isInstanceOfSatisfying(SystemdException.class, e -> assertThat(name).endsWith("." + e.error()))
                .hasMessageContaining("StartTransientUnit: " + name + ": told by it")
                .hasMessageFindingMatch(words);
    }

    @Test
    void a_signal_of_the_wrong_types_is_refused() {
        assertThatThrownBy(() -> start((line, call) -> line.send(Messages.signal(
                        "org.freedesktop.systemd1.Manager", "JobRemoved", SENDER, "u", new WireWriter().u32(1))), LONG))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("expected 'uoss'");
    }

    @Test
    void without_a_manager_the_advice_is_given_and_what_was_tried() {
        SocketChoice choice = new SocketChoice(
                List.of(new ManagerSocket(directory.resolve("missing"), false)), List.of("/x belongs to another"), "do this");
        assertThatThrownBy(() -> Systemd.connect(choice, Deadline.in(LONG)))
                .isInstanceOf(NoManagerException.class)
                .hasMessageStartingWith("do this; connect(")
                .hasMessageContaining("missing): No such file or directory; /x belongs to another");
    }

    /// The manager says that all is well, but leaves the process where it was.
    @Test
    void a_process_that_was_not_moved_is_noticed_and_the_scope_stopped() throws Exception {
        try (FakeManager manager = new FakeManager(directory, (line, call) -> {
            FakeManager.job(line, call);
            FakeManager.removed(line, SENDER, JOB, UNIT.text(), "done");
        })) {
            ScopeRequest request =
                    new ScopeRequest(UNIT, "", Optional.empty(), ProcessHandle.current().pid(), Duration.ofSeconds(2));
            assertThatThrownBy(() -> Scope.start(manager.choice(), request, LONG))
                    .isInstanceOf(SystemdException.class)
                    .hasMessageContaining("but process " + request.pid() + " is in '");
            assertThat(manager.asked).last().isEqualTo("StopUnit ss dolium-web.scope fail");
        }
    }

    @Test
    void attaching_names_the_subgroup_and_the_processes() throws Exception {
        try (FakeManager manager = new FakeManager(
                directory, (line, call) -> line.send(Messages.reply(call.serial(), SENDER, "", new WireWriter())))) {
            try (Systemd systemd = Systemd.connect(manager.choice(), Deadline.in(LONG))) {
                systemd.attach(UNIT, "/c", List.of(11L, 12L));
                systemd.resetFailed(UNIT);
            }
            assertThat(manager.asked)
                    .containsExactly("AttachProcessesToUnit ssau dolium-web.scope /c [11, 12]", "ResetFailedUnit s dolium-web.scope");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dolium-a.scope, true, true", "x.service, true, true", "x.service, false, false", "x.slice, true, false",
    })
    void a_process_has_a_unit_that_may_delegate(String unit, boolean property, boolean delegates) throws Exception {
        try (FakeManager manager = new FakeManager(directory, (line, call) -> {
            boolean id = call.message().signature().equals("ss")
                    && call.message().arguments("ss").string().endsWith(".Unit");
            if (call.message().member().equals("GetUnitByPID")) {
                FakeManager.job(line, call);
            } else {
                WireWriter value = id ? new WireWriter().variant("s").string(unit) : new WireWriter().variant("b").bool(property);
                line.send(Messages.reply(call.serial(), SENDER, "v", value));
            }
        });
                Systemd systemd = Systemd.connect(manager.choice(), Deadline.in(LONG))) {
            assertThat(systemd.delegates(42)).isEqualTo(delegates);
        }
    }

    @Test
    void a_process_of_no_unit_of_this_manager_is_not_delegated_to() throws Exception {
        try (FakeManager manager = new FakeManager(directory, (line, call) -> line.send(
                        Messages.error(call.serial(), SENDER, "org.freedesktop.systemd1.NoUnitForPID", "no")));
                Systemd systemd = Systemd.connect(manager.choice(), Deadline.in(LONG))) {
            assertThat(systemd.delegates(42)).isFalse();
        }
    }

    @Test
    void the_directory_is_below_the_mount() {
        assertThat(ProcessCgroup.parse("12:pids:/x\n0::/a/b.scope\n")).isEqualTo("/a/b.scope");
        assertThat(ProcessCgroup.parse("0::/a/b.scope (deleted)\n")).isEmpty();
        assertThat(ProcessCgroup.parse("1:name=systemd:/a\n")).isEmpty();
    }
}
