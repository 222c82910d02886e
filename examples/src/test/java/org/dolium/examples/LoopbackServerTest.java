// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LoopbackServerTest {
    @TempDir
    Path pages;

    /// The JDK makes a descriptor at the first use of a socket, and keeps it.
    @BeforeAll
    static void firstSocket() {
        fromTheHost("page");
    }

    @BeforeEach
    void busybox() {
        MustRun.program("busybox");
    }

    @Test
    void pages_are_fetched_through_standard_input_and_output() throws Exception {
        Files.writeString(pages.resolve("a"), "first page\n");
        Files.writeString(pages.resolve("b"), "second page\n");
        try (LoopbackServer server = LoopbackServer.serve(pages)) {
            assertThat(server.fetch("a")).isEqualTo("first page");
            assertThat(server.fetch("b")).isEqualTo("second page");
            assertThat(server.fetch("c")).isEqualTo("no such page");
            assertThat(server.fetch("a")).isEqualTo("first page");
        }
    }

    @Test
    void two_servers_have_the_same_port_and_do_not_meet() throws Exception {
        Path one = Files.createDirectory(pages.resolve("one"));
        Path two = Files.createDirectory(pages.resolve("two"));
        Files.writeString(one.resolve("page"), "of one\n");
        Files.writeString(two.resolve("page"), "of two\n");
        try (LoopbackServer first = LoopbackServer.serve(one);
                LoopbackServer second = LoopbackServer.serve(two)) {
            assertThat(first.fetch("page")).isEqualTo("of one");
            assertThat(second.fetch("page")).isEqualTo("of two");
            assertThat(first.fetch("page")).isEqualTo("of one");
        }
    }

    @Test
    void the_host_does_not_reach_the_server() throws Exception {
        String unique = "page-" + System.nanoTime();
        Files.writeString(pages.resolve(unique), unique + "\n");
        try (LoopbackServer server = LoopbackServer.serve(pages)) {
            assertThat(server.fetch(unique)).isEqualTo(unique);
            assertThat(fromTheHost(unique)).doesNotContain(unique);
        }
    }

    /// What the host has at that port: usually nothing.
    private static String fromTheHost(String page) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", LoopbackServer.PORT), 1000);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write(("GET /" + page + " HTTP/1.0\r\n\r\n").getBytes());
            String answer = new String(socket.getInputStream().readAllBytes());
            return answer.replace("GET /" + page, ""); // a server may quote the request
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void a_server_that_was_closed_is_gone() throws Exception {
        LoopbackServer server = LoopbackServer.serve(pages);
        assertThat(server.fetch("nothing")).isEqualTo("no such page");
        server.close();
        assertThatThrownBy(() -> server.fetch("nothing")).isInstanceOf(IOException.class);
    }

    @Test
    void the_program_prints_what_it_fetched() throws Exception {
        assertThat(Printed.by(LoopbackServer::main)).isEqualTo("hello from a server in a container\nno such page\n");
    }
}
