// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dolium.cgroup.dbus.Bus;
import org.dolium.cgroup.dbus.Deadline;
import org.dolium.cgroup.dbus.DbusErrorException;
import org.dolium.cgroup.dbus.MethodCall;
import org.dolium.cgroup.dbus.WireWriter;
import org.dolium.testing.MustRun;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client before a real bus daemon, which hangs up on whoever sends it something malformed.
@Tag("kernel")
class RealBusTest {
    private static final String CONFIGURATION = """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow user="*"/><allow send_destination="*"/>
            <allow receive_sender="*"/><allow own="*"/></policy></busconfig>
            """;

    @TempDir
    Path directory;

    private Process daemon;
    private Path socket;

    @BeforeEach
    void start_a_daemon() throws Exception {
        socket = directory.resolve("bus");
        Path configuration = directory.resolve("configuration");
        Files.writeString(configuration, CONFIGURATION.formatted(socket));
        daemon = new ProcessBuilder(
                        MustRun.program("dbus-daemon"), "--nofork", "--nopidfile", "--print-address",
                        "--config-file=" + configuration)
                .redirectError(directory.resolve("errors").toFile())
                .start();
        assertThat(daemon.inputReader().readLine()).contains(socket.toString()); // printed when it listens
    }

    @AfterEach
    void end_the_daemon() throws Exception {
        daemon.destroyForcibly().waitFor();
    }

    private static Deadline deadline() {
        return Deadline.in(Duration.ofSeconds(20));
    }

    private static MethodCall ask(String member, String signature, WireWriter arguments) {
        return new MethodCall("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", member, signature, arguments);
    }

    @Test
    void calls_and_their_answers() throws Exception {
        try (Bus bus = Bus.connect(socket, true, message -> {}, deadline())) {
            assertThat(bus.call(ask("GetId", "", new WireWriter()), deadline()).arguments("s").string()).hasSize(32);
            assertThat(bus.call(ask("NameHasOwner", "s", new WireWriter().string("a.b")), deadline()).arguments("b").bool())
                    .isFalse();
            assertThat(bus.call(ask("GetConnectionUnixUser", "s", new WireWriter().string(":1.0")), deadline())
                            .arguments("u").u32())
                    .isEqualTo(org.dolium.testing.ProcessStatus.self().effectiveUid());
            assertThatThrownBy(() -> bus.call(ask("Nothing", "", new WireWriter()), deadline()))
                    .isInstanceOf(DbusErrorException.class)
                    .hasMessageContaining("org.freedesktop.DBus.Error.UnknownMethod");
            bus.match("type='signal',member='JobRemoved'", deadline());
        }
    }

    /// The longest message that a scope takes is well formed: the daemon reads it whole, and knows of no systemd.
    @Test
    void a_bus_without_a_manager_is_none() {
        SocketChoice choice = new SocketChoice(List.of(new ManagerSocket(socket, true)), List.of(), "do this");
        ScopeRequest request = new ScopeRequest(UnitName.scope("x"), "é", Optional.of(UnitName.slice("a.slice")), 4242, Duration.ofSeconds(2));
        assertThatThrownBy(() -> Scope.start(choice, request, Duration.ofSeconds(20)))
                .isInstanceOf(NoManagerException.class)
                .hasMessageContaining("ServiceUnknown")
                .hasMessageContaining("no systemd manager is on it");
    }

    @Test
    void the_call_for_a_scope_is_well_formed() throws Exception {
        ScopeRequest request = new ScopeRequest(UnitName.scope("x"), "é", Optional.of(UnitName.slice("a.slice")), 4242, Duration.ofSeconds(2));
        try (Bus bus = Bus.connect(socket, true, message -> {}, deadline())) {
            assertThatThrownBy(() -> bus.call(request.call(), deadline()))
                    .isInstanceOf(DbusErrorException.class)
                    .hasMessageContaining("org.freedesktop.DBus.Error.ServiceUnknown");
            assertThat(bus.call(ask("GetId", "", new WireWriter()), deadline()).arguments("s").string()).hasSize(32);
        }
    }

    /// The daemon reads the outer uid from the socket, whatever the uids inside are; also two namespaces deep.
    @Test
    @Tag("root")
    void a_client_in_a_user_namespace_is_known_by_its_outer_uid() throws Exception {
        List<String> nested = new ArrayList<>();
        for (int depth = 1; depth <= 2; depth++) {
            nested.addAll(List.of(MustRun.program("unshare"), "--user", "--map-user=" + 1234 * depth, "--map-group=7", "--"));
            Path scratch = Files.createDirectory(directory.resolve("scratch" + depth));
            String script = "exec " + String.join(" ", nested) + " \"$@\"";
            String name = ":1." + (depth - 1);
            assertThat(Situation.run(List.of(), script, scratch, AskUid.class, socket.toString(), name)).isEqualTo("0\n");
        }
    }

    /// Prints which uid the daemon takes this process for, whose connection it numbers thus.
    public static final class AskUid {
        private AskUid() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            try (Bus bus = Bus.connect(Path.of(arguments[0]), true, message -> {}, deadline())) {
                WireWriter name = new WireWriter().string(arguments[1]);
                System.out.println(bus.call(ask("GetConnectionUnixUser", "s", name), deadline()).arguments("u").u32());
            }
        }
    }
}
