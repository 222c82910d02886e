// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.container.Attachment;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedOptions;
import org.dolium.container.TerminalSize;

/// A container that goes on without the JVM that started it, found again by its name.
public final class Service {
    private static final String CLOCK = "trap 'echo good night; exit 0' TERM; echo it is ready; while :; do sleep 1 & wait $!; done";

    private Service() {}

    /// @param args a state directory, or none for the user's own
    public static void main(String[] args) throws IOException, InterruptedException {
        Containers containers = args.length == 0 ? Containers.standard() : Containers.at(Path.of(args[0]));
        // README:start detached
        containers.start(
                ContainerBuilder.create().command("sh", "-c", CLOCK), DetachedOptions.standard().name("clock"));
        // this JVM may end here, and another one goes on:
        DetachedContainer clock = containers.find("clock").orElseThrow();
        clock.logs().follow().forEach(line -> {
            System.out.println(line.text());
            stop(clock);
        });
        System.out.println(clock.waitFor());
        clock.remove(false);
        // README:end
        type(containers);
    }

    private static void type(Containers containers) throws IOException, InterruptedException {
        // README:start attached
        DetachedContainer shell = containers.start(ContainerBuilder.create().command("sh").terminal(new TerminalSize(50, 132)));
        try (Attachment attached = shell.attach()) {
            attached.resize(24, 80); // programs on it are told by SIGWINCH
            attached.input().write("stty size; exit 3\r".getBytes(StandardCharsets.UTF_8));
            attached.output().transferTo(System.out); // what is printed from now on, to its end
        }
        // README:end
        System.out.println(shell.waitFor());
        shell.remove(false);
    }

    private static void stop(DetachedContainer container) {
        try {
            container.stop(Duration.ofSeconds(10));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
