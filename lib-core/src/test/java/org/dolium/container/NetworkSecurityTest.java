// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.capability.Capability;
import org.dolium.linux.Arg;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows N-01, N-03 and N-08 of the security matrix: what a container reaches without a network of its own, and what it joins.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class NetworkSecurityTest extends SecurityRows {
    private static final String CONNECT = """
            import socket, sys
            for address in ('127.0.0.1', '169.254.169.254', '192.0.2.1'):
                s = socket.socket()
                s.settimeout(2)
                try: s.connect((address, int(sys.argv[1]))); print(address, 'connected')
                except OSError as e: print(address, e.strerror)
            """;
    private static final String RAW = """
            import socket
            for family, kind, protocol in ((socket.AF_PACKET, socket.SOCK_RAW, 3), (socket.AF_INET, socket.SOCK_RAW, 1)):
                try: socket.socket(family, kind, protocol); print('made')
                except OSError as e: print(e.strerror)
            """;

    private static ContainerBuilder python(Mode mode, String script, String... arguments) {
        String[] command = new String[arguments.length + 3];
        System.arraycopy(new String[] {"python3", "-c", script}, 0, command, 0, 3);
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return mode.apply(ContainerBuilder.create().command(command));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void N_01_neither_the_hosts_loopback_nor_anything_else_is_reached(Mode mode) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(server.getLocalPort());
            for (Network network : new Network[] {Network.LOOPBACK, Network.NONE}) {
                assertThat(output(python(mode, CONNECT, port).network(network)))
                        .matches("127.0.0.1 (Connection refused|Network is unreachable)\n"
                                + "169.254.169.254 Network is unreachable\n192.0.2.1 Network is unreachable\n");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void N_01_without_the_control_it_is(Mode mode) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            String seen = output(python(mode, CONNECT.replace("'169.254.169.254', '192.0.2.1'", ""), Integer.toString(server.getLocalPort()))
                    .network(Network.host()));
            assertThat(seen).isEqualTo("127.0.0.1 connected\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void N_03_packets_are_not_forged(Mode mode) throws Exception {
        assertThat(output(python(mode, RAW))).isEqualTo("Address family not supported by protocol\nOperation not permitted\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void N_03_without_the_control_they_can_be(Mode mode) throws Exception {
        assertThat(output(python(mode, RAW).addCapabilities(Capability.NET_RAW))).isEqualTo("made\nmade\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void N_08_what_is_no_network_namespace_is_not_joined(Mode mode) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        for (String path : new String[] {file.toString(), "/proc/self/ns/uts", "/dev/null", "/"}) {
            assertThatThrownBy(() -> tiny(mode, "true").namespace(NamespaceKind.NET, NamespaceMode.join(Path.of(path))).run(LIMIT))
                    .as(path).isInstanceOf(LaunchException.class).hasMessageContaining("setns(").hasMessageContaining("EINVAL");
        }
        assertThatThrownBy(() -> tiny(mode, "true").namespace(NamespaceKind.NET, NamespaceMode.join(Path.of("/no/such"))).run(LIMIT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is missing");
    }

    /// A file of another kind of namespace would be joined, and the network stay the host's.
    @ParameterizedTest
    @MethodSource("modes")
    void N_08_without_the_control_another_kind_is_joined(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran").namespace(NamespaceKind.NET, NamespaceMode.join(Path.of("/proc/self/ns/ipc")));
        ContainerSpec weak = Variant.withArgument(builder, "setns\\(.*", 1, Arg.num(0));
        if (mode == Mode.R) {
            assertThat(output(weak)).isEqualTo("ran\n");
        } else { // who may not join that one is told otherwise
            assertThatThrownBy(() -> weak.run(LIMIT)).isInstanceOf(LaunchException.class).hasMessageContaining("EPERM");
        }
    }
}
