// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketChoiceTest {
    private static final int SOCKET = 0140666;
    private static final int PRIVATE_DIRECTORY = 0040700;
    private static final int DIRECTORY = 0040755;
    private static final long USER = 1000;

    private final Map<String, PathFacts> paths = new HashMap<>();
    private long uid = USER;
    private long outerUid = USER;
    private String runtime = "/run/user/1000";
    private String bus = "unix:path=/run/user/1000/bus";
    private boolean foreignPids;

    private void file(String path, long owner, int mode) {
        paths.put(path, new PathFacts(owner, mode));
    }

    private SocketChoice choice() {
        return SocketChoice.of(new SocketEvidence(uid, outerUid, runtime, bus, foreignPids, paths));
    }

    private List<String> sockets() {
        return choice().sockets().stream().map(socket -> socket.path() + (socket.daemon() ? " bus" : "")).toList();
    }

    /// The runtime directory of a user who is logged in.
    private void session(String directory, long owner) {
        file(directory, owner, PRIVATE_DIRECTORY);
        file(directory + "/systemd", owner, DIRECTORY);
        file(directory + "/systemd/private", owner, SOCKET);
        file(directory + "/bus", owner, SOCKET);
    }

    @Test
    void a_user_asks_the_manager_itself_and_then_its_bus() {
        session("/run/user/1000", USER);
        assertThat(sockets()).containsExactly("/run/user/1000/systemd/private", "/run/user/1000/bus bus");
        assertThat(choice().refused()).isEmpty();
    }

    @Test
    void without_an_environment_the_usual_places_are_looked_at() {
        session("/run/user/1000", USER);
        runtime = "";
        bus = "";
        assertThat(sockets()).containsExactly("/run/user/1000/systemd/private", "/run/user/1000/bus bus");
    }

    @Test
    void the_order_is_runtime_directory_session_bus_usual_places() {
        runtime = "/home/me/run";
        bus = "unix:abstract=/tmp/x,guid=1;tcp:host=localhost;unix:path=/tmp/dbus%2d1,guid=2";
        session(runtime, USER);
        session("/run/user/1000", USER);
        file("/tmp", 0, 0041777);
        file("/tmp/dbus-1", USER, SOCKET);
        assertThat(sockets()).containsExactly(
                "/home/me/run/systemd/private", "/tmp/dbus-1 bus", "/home/me/run/bus bus",
                "/run/user/1000/systemd/private", "/run/user/1000/bus bus");
    }

    /// As the images of GitHub's runners have it, for every user of the machine.
    @Test
    void a_runtime_directory_of_somebody_else_is_not_trusted() {
        runtime = "/run/user/1001";
        bus = "";
        session("/run/user/1001", 1001);
        session("/run/user/1000", USER);
        assertThat(sockets()).containsExactly("/run/user/1000/systemd/private", "/run/user/1000/bus bus");
        assertThat(choice().refused()).containsExactly("/run/user/1001 does not belong to uid 1000 alone");
    }

    @Test
    void a_socket_of_somebody_else_is_not_trusted() {
        session("/run/user/1000", USER);
        file("/run/user/1000/systemd/private", 1001, SOCKET);
        file("/run/user/1000/bus", USER, 0100644);
        assertThat(sockets()).isEmpty();
        assertThat(choice().refused()).containsExactly(
                "/run/user/1000/systemd/private is no socket of uid 1000", "/run/user/1000/bus is no socket of uid 1000");
    }

    @ParameterizedTest
    @CsvSource({
        // owner, mode, trusted
        "1000, 040700, true",
        "1000, 040755, true",
        "0,    040755, true",
        "0,    041777, true",
        "1000, 040770, false",
        "1000, 040777, false",
        "0,    040777, false",
        "1001, 040755, false",
        "1001, 041777, false",
        "1000, 0120777, false",
    })
    void the_directory_of_a_bus_decides_who_could_have_replaced_it(long owner, String mode, boolean trusted) {
        runtime = "";
        bus = "unix:path=/some/where/bus";
        file("/some/where", owner, Integer.parseInt(mode, 8));
        file("/some/where/bus", USER, SOCKET);
        assertThat(sockets().isEmpty()).isNotEqualTo(trusted);
    }

    @Test
    void root_asks_the_system_manager_whatever_the_environment_says() {
        uid = 0;
        outerUid = 0;
        session("/run/user/1000", USER);
        file("/run/systemd", 0, DIRECTORY);
        file("/run/systemd/private", 0, SOCKET);
        file("/run/dbus", 0, DIRECTORY);
        file("/run/dbus/system_bus_socket", 0, SOCKET);
        assertThat(sockets()).containsExactly("/run/systemd/private", "/run/dbus/system_bus_socket bus");
    }

    /// Inside, the user is 0 and its files are 0's; outside, the directory has the outer number.
    @Test
    void root_of_a_user_namespace_is_the_user_that_it_is_outside() {
        uid = 0;
        outerUid = USER;
        runtime = "";
        bus = "";
        session("/run/user/1000", 0);
        file("/run/systemd", 65534, DIRECTORY);
        file("/run/systemd/private", 65534, SOCKET);
        assertThat(sockets()).containsExactly("/run/user/1000/systemd/private", "/run/user/1000/bus bus");
    }

    /// In a user namespace, root's directories and everybody else's look the same.
    @Test
    void in_a_user_namespace_a_directory_must_be_the_users_own() {
        uid = 0;
        outerUid = USER;
        runtime = "";
        bus = "unix:path=/tmp/bus";
        file("/tmp", 0, 0041777);
        file("/tmp/bus", 0, SOCKET);
        assertThat(sockets()).containsExactly("/tmp/bus bus");
        file("/tmp", 65534, 0041777);
        assertThat(sockets()).isEmpty();
    }

    @Test
    void a_manager_outside_of_the_jvms_pid_namespace_is_not_asked() {
        session("/run/user/1000", USER);
        foreignPids = true;
        assertThat(sockets()).isEmpty();
        assertThat(choice().refused()).allMatch(reason -> reason.contains("process numbers"));
    }

    @Test
    void malformed_words_of_the_environment_are_passed_over() {
        session("/run/user/1000", USER);
        for (String word : List.of("", "/", "run/user/1000", "/run/user/1000/", "unix:", "unix:path", "unix:path=",
                "unix:path=bus", "unix:path=%", "unix:path=/a%0", "unix:path=/%zz", "unix:path=/%00", ";;,,=%%")) {
            runtime = word;
            bus = word;
            assertThat(sockets()).containsExactly("/run/user/1000/systemd/private", "/run/user/1000/bus bus");
        }
    }

    @Test
    void the_advice_names_the_user_by_its_outer_number() {
        assertThat(choice().advice()).contains("sudo loginctl enable-linger 1000").contains("Delegate=yes");
        outerUid = 0;
        assertThat(choice().advice()).doesNotContain("loginctl");
    }

    @ParameterizedTest
    @CsvSource({
        "'         0          0 4294967295', 1000, 1000",
        "'         0       1000          1', 0, 1000",
        "'0 1000 1\n1 100000 65536', 5, 100004",
        "'0 1000 1', 1, -1",
        "'', 0, -1",
    })
    void the_outer_uid_is_read_from_the_map(String map, long inner, long outer) {
        assertThat(SocketEvidence.outerUid(map, inner)).isEqualTo(outer);
    }

    @Test
    void this_machine_can_be_looked_at() throws Exception {
        long own = org.dolium.testing.ProcessStatus.self().effectiveUid();
        SocketEvidence evidence = SocketEvidence.collect(own);
        assertThat(evidence.uid()).isEqualTo(own);
        assertThat(SocketChoice.of(evidence).sockets()).allMatch(socket -> java.nio.file.Files.exists(socket.path()));
    }
}
