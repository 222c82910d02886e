// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;

/// A server that only its own container can reach: it listens on loopback inside, and the program talks to it through
/// the container's standard input and output. The port is free in every container, whatever runs on the host.
///
/// It is busybox's web server, with a shell loop that fetches each page whose name arrives on standard input.
public final class LoopbackServer implements AutoCloseable {
    static final int PORT = 8080;
    /// The web server goes to the background when it listens, so that nothing needs to wait for it.
    private static final String SCRIPT = """
            busybox httpd -p 127.0.0.1:%1$d -h /mnt
            while read page; do busybox wget -q -O - http://127.0.0.1:%1$d/$page 2>/dev/null || echo no such page; done
            """;

    private final Container container;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private LoopbackServer(Container container) {
        this.container = container;
        this.questions = container.process().outputWriter();
        this.answers = container.process().inputReader();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path pages = Files.createTempDirectory("pages-");
        Path page = Files.writeString(pages.resolve("hello.txt"), "hello from a server in a container\n");
        try (LoopbackServer server = serve(pages)) {
            System.out.println(server.fetch("hello.txt"));
            System.out.println(server.fetch("secret.txt"));
        } finally {
            Files.delete(page);
            Files.delete(pages);
        }
    }

    /// Starts a server for the files of a directory.
    static LoopbackServer serve(Path pages) throws IOException, InterruptedException {
        // README:start loopback
        Container container = ContainerBuilder.create()
                .command("sh", "-c", SCRIPT.formatted(PORT))
                .bindReadOnly(pages, "/mnt")
                .start();
        return new LoopbackServer(container);
        // README:end
    }

    /// The first line of a page.
    String fetch(String page) throws IOException {
        questions.append(page).append('\n').flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the server is gone: " + container);
        }
        return answer;
    }

    /// Ends the server with its container.
    @Override
    public void close() {
        container.close();
    }
}
