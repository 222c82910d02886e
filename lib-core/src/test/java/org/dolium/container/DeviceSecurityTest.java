// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows S-20 to S-22 of the security matrix: device files, and sockets without a path. The device that is tried is 1:11, the
/// kernel's log: no device list allows it, who has `CAP_SYSLOG` can open it, and that changes nothing.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DeviceSecurityTest extends SecurityRows {
    private static final String MAKE =
            "for d in /dev /tmp; do mknod $d/log c 1 11 && : < $d/log && echo opened $d; done";

    private static List<DeviceRule> everything() {
        return List.of(DeviceRule.parse("a *:* rwm"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_by_default_no_device_can_be_made(Mode mode) throws Exception {
        assertThat(output(tiny(mode, MAKE))).contains("/dev/log: Operation not permitted").doesNotContain("opened");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_with_the_capability_to_make_them_only_the_usual_ones_work(Mode mode) throws Exception {
        String usual = "; mknod /dev/zero2 c 1 5; head -c 1 /dev/zero2 | wc -c; : > /dev/null; head -c 1 /dev/urandom | wc -c";
        Result result = tiny(mode, MAKE + usual).addCapabilities(Capability.MKNOD, Capability.SYSLOG).run(LIMIT);
        assertThat(result.stdout()).isEqualTo(mode == Mode.R ? "1\n1\n" : "0\n1\n");
        assertThat(result.stderr()).contains("/dev/log: Operation not permitted");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_without_the_control_any_device_works(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, MAKE).addCapabilities(Capability.MKNOD, Capability.SYSLOG).limit(Limit.devices(everything()));
        if (mode == Mode.R) {
            assertThat(output(builder)).contains("opened /dev").doesNotContain("opened /tmp"); // nodev is there still
        } else if (mode == Mode.RU) {
            assertThat(output(builder)).contains("Operation not permitted").doesNotContain("opened");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_devices_of_an_image_or_a_bind_do_not_work(Mode mode) throws Exception {
        if (mode == Mode.U1) {
            return; // only root can make them
        }
        Path data = Files.createDirectory(directory.resolve("data"));
        for (Path place : List.of(root.resolve("zero"), data.resolve("zero"))) {
            assertThat(new ProcessBuilder("mknod", "-m", "666", place.toString(), "c", "1", "5").start().waitFor()).isZero();
        }
        String open = "for f in /zero /mnt/zero; do head -c 1 $f | wc -c; done";
        assertThat(tiny(mode, open).bind(data, "/mnt").run(LIMIT).stdout()).isEqualTo("0\n0\n");
        if (mode == Mode.R) { // the negative control
            assertThat(tiny(mode, open).mount(Bind.of(data, "/mnt").allowDevices()).run(LIMIT).stdout()).isEqualTo("0\n1\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_21_without_a_list_of_devices_there_is_no_start(Mode mode) throws Exception {
        if (mode != Mode.R) {
            return; // there no device can be made that works
        }
        MustRun.root();
        ContainerBuilder builder = tiny(mode, "echo ran").addCapabilities(Capability.MKNOD, Capability.SYSLOG);
        String plan = builder.explain();
        assertThat(plan).containsAnyOf("c 1:3 rwm", "bpf(BPF_PROG_ATTACH, ");
        assertThat(plan).doesNotContain("c *:* m", "10:200"); // neither any device, nor tun
        // said expressly, it is listed instead
        ContainerSpec without = builder.cgroup(CgroupPlacement.none()).build();
        assertThat(without.reductions()).anyMatch(text -> text.startsWith("device list"));
        assertThatThrownBy(() -> builder.limit(Limit.devices(DeviceRule.standard())).build())
                .isInstanceOf(UnsupportedHostException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_22_the_runtime_has_no_socket_that_a_container_in_the_hosts_network_could_reach(Mode mode) throws Exception {
        try (Container container = tiny(mode, "sleep 100").network(Network.host()).start()) {
            assertThat(container.isAlive()).isTrue();
            assertThat(named(Path.of("/proc/self/fd"))).isEmpty();
            assertThat(named(Path.of("/proc/" + container.pid() + "/fd"))).isEmpty();
        }
        // the negative control
        Path path = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            assertThat(named(Path.of("/proc/self/fd"))).containsExactly(path.toString());
        }
    }

    /// The names of Unix sockets, paths or abstract ones, among descriptors.
    private static List<String> named(Path descriptors) throws IOException {
        List<String> inodes = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                String target;
                try {
                    target = Files.readSymbolicLink(descriptor).toString();
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile
                }
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring(8, target.length() - 1));
                }
            }
        }
        return Files.readAllLines(Path.of("/proc/net/unix")).stream().map(line -> line.trim().split("\\s+", 8))
                .filter(fields -> fields.length == 8 && inodes.contains(fields[6])).map(fields -> fields[7]).toList();
    }
}
