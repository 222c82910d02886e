// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The detached containers of one state directory: containers that go on when the JVM that started them ends, and that every JVM of
/// the same user finds again.
///
/// A container is watched by a monitor of its own, a process of some pages without a JVM, which writes its log and how it ended. The
/// state directory and all in it belong to the user and are closed to all others; one that is not is refused. Any number of JVMs may
/// use it at once. Nothing in it is ever guessed about: what is damaged is told by [#damaged] and left alone.
///
/// ```java
/// Containers containers = Containers.standard();
/// DetachedContainer web = containers.start(
///         ContainerBuilder.create().rootfs(root).command("httpd", "-f"), DetachedOptions.standard().name("web"));
/// // in another JVM
/// containers.find("web").orElseThrow().stop(Duration.ofSeconds(10));
/// ```
///
/// Methods may be called from any thread.
public final class Containers {
    private final Path directory;

    private Containers(Path directory) {
        this.directory = directory;
    }

    /// Those in the user's own state directory: `/run/dolium` for root, `$XDG_RUNTIME_DIR/dolium` for others.
    ///
    /// @throws IOException if there is no such directory, or it can't be trusted
    public static Containers standard() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Those in a given state directory, which is made if it is missing; its parent must exist.
    ///
    /// @throws IOException if it belongs to somebody else, others may enter it, it is a link, or others could exchange it
    public static Containers at(Path directory) throws IOException {
        return new Containers(directory.toAbsolutePath());
    }

    /// Where they are.
    public Path directory() {
        return directory;
    }

    /// As [#start(ContainerBuilder, DetachedOptions)] with [DetachedOptions#standard].
    public DetachedContainer start(ContainerBuilder builder) throws IOException, InterruptedException {
        return start(builder, DetachedOptions.standard());
    }

    /// Starts a container that goes on without this JVM, and returns when its command runs. What it prints goes to its log; there is
    /// nothing to read for it. If this JVM is killed before this returns, either nothing is left but what [#reclaim] removes, or the
    /// container runs.
    ///
    /// What needs the JVM is refused: handlers and faults of system calls, consumers and redirections of output, events, terminals,
    /// input. The container must have a pid namespace of its own.
    ///
    /// @throws IllegalArgumentException listing every problem of the configuration, before anything was done
    /// @throws IOException also if the name is another container's; nothing is left then
    public DetachedContainer start(ContainerBuilder builder, DetachedOptions options) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Reserves id and name for a container that is started later; see [DetachedContainer#start]. No process is made, and the
    /// configuration is only checked.
    public DetachedContainer create(ContainerBuilder builder, DetachedOptions options) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// All of them, also those that have ended, the newest first.
    public List<DetachedContainer> list() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The one with this id, this name, or the only one whose id begins so, in this order.
    ///
    /// @throws IllegalArgumentException if several ids begin so
    /// @throws IOException also if its record is damaged
    public Optional<DetachedContainer> find(String idOrName) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// What in the state directory can't be read as a container.
    public List<Damaged> damaged() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Deletes a container that [#damaged] tells of, with its log. Its cgroup is removed if it can be read where that is.
    ///
    /// @throws IOException also if its monitor lives
    public void discard(Damaged damaged) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Removes what killed JVMs left behind: containers whose start was never finished; and the cgroups of those that have ended,
    /// after what they counted was noted. Starting, listing and finding containers does not depend on it.
    public Reclaimed reclaim() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// A directory that is no container's any more, or not one that this version knows.
    ///
    /// @param id the name of the directory, as it is
    /// @param problem what is wrong with it
    public record Damaged(String id, String problem) {}

    /// What [#reclaim] did.
    ///
    /// @param unfinished the ids of containers whose start was never finished, and which are gone now
    /// @param ended the ids of containers that had ended and whose end was noted now
    public record Reclaimed(List<String> unfinished, List<String> ended) {}
}
