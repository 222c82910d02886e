// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dolium.cgroup.CgroupName;
import org.dolium.kernel.Fd;
import org.dolium.kernel.HostProbe;
import org.dolium.state.Entry;
import org.dolium.state.Identity;
import org.dolium.state.StateDirectory;
import org.jspecify.annotations.Nullable;

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
    private static final String NAME = "dolium";

    private final Path directory;

    private Containers(Path directory) {
        this.directory = directory;
    }

    /// Those in the user's own state directory: `/run/dolium` for root, `$XDG_RUNTIME_DIR/dolium` for others.
    ///
    /// @throws IOException if there is no such directory, or it can't be trusted
    public static Containers standard() throws IOException {
        if (HostProbe.host().uid() == 0) {
            return at(Path.of("/run", NAME));
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime == null || !runtime.startsWith("/")) {
            throw new IOException("there is no place for detached containers: XDG_RUNTIME_DIR is not set; log in by a session that sets it,"
                    + " or say where they are (Containers.at)");
        }
        return at(Path.of(runtime, NAME));
    }

    /// Those in a given state directory, which is made if it is missing; its parent must exist. Containers that see the host's root
    /// file system ([Rootfs#host]) are only started if it is below `/run` or `/tmp`, of which they have their own.
    ///
    /// @throws IOException if it belongs to somebody else, others may enter it, it is a link, or others could exchange it
    public static Containers at(Path directory) throws IOException {
        Containers containers = new Containers(directory.toAbsolutePath().normalize());
        containers.open().close();
        return containers;
    }

    /// Where they are.
    public Path directory() {
        return directory;
    }

    StateDirectory open() throws IOException {
        return StateDirectory.open(directory);
    }

    /// As [#start(ContainerBuilder, DetachedOptions)] with [DetachedOptions#standard].
    public DetachedContainer start(ContainerBuilder builder) throws IOException, InterruptedException {
        return start(builder, DetachedOptions.standard());
    }

    /// Starts a container that goes on without this JVM, and returns when its command runs. What it prints goes to its log; there is
    /// nothing to read for it, unless it has a terminal or [ContainerBuilder#openStdin]: see [DetachedContainer#attach]. If this JVM is
    /// killed before this returns, either nothing is left but what [#reclaim] removes, or the container runs.
    ///
    /// What needs the JVM is refused: handlers and faults of system calls, consumers and redirections of output, events, a given
    /// input. The container must have a pid namespace of its own.
    ///
    /// @throws IllegalArgumentException listing every problem of the configuration, before anything was done
    /// @throws IOException also if the name is another container's; nothing is left then
    public DetachedContainer start(ContainerBuilder builder, DetachedOptions options) throws IOException, InterruptedException {
        String id = StateDirectory.newId();
        ContainerSpec spec = build(builder, id);
        try (StateDirectory state = open()) {
            Identity identity = identity(id, builder, options, false);
            Reserved reserved = reserve(state, identity, options);
            try (Entry entry = reserved.entry();
                    Fd lock = reserved.lock()) {
                try {
                    return new DetachedContainer(this, new DetachedLaunch(spec, state, entry, lock, identity).perform());
                } catch (IOException | InterruptedException | RuntimeException e) {
                    discard(state, entry, e);
                    throw e;
                }
            }
        } finally {
            spec.release();
        }
    }

    ContainerSpec build(ContainerBuilder builder, String id) throws IOException {
        DetachedLaunch.checkApart(builder, directory);
        return builder.buildDetached(DetachedLaunch.groupName(id));
    }

    private static void discard(StateDirectory state, Entry entry, Exception why) {
        try {
            Leftovers.remove(state, entry);
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /// Reserves id and name for a container that is started later; see [DetachedContainer#start]. No process is made, and the
    /// configuration is only checked.
    public DetachedContainer create(ContainerBuilder builder, DetachedOptions options) throws IOException {
        String id = StateDirectory.newId();
        build(builder, id).release();
        try (StateDirectory state = open()) {
            Identity identity = identity(id, builder, options, true);
            Reserved reserved = reserve(state, identity, options);
            try (Entry entry = reserved.entry();
                    Fd _ = reserved.lock();
                    Fd _ = state.lock()) {
                entry.identity(identity);
                return new DetachedContainer(this, identity);
            }
        }
    }

    private static Identity identity(String id, ContainerBuilder builder, DetachedOptions options, boolean kept) {
        String name = options.name == null ? builder.name : options.name;
        return new Identity(
                id, name == null ? id.substring(0, DetachedNames.SHORT) : DetachedNames.checkName(name), Instant.now(), builder.words(),
                builder.labels, kept, 0, options.logLimit.bytes(), options.logFiles);
    }

    private record Reserved(Entry entry, Fd lock) {}

    /// Makes the directory, locks it, and takes the name, all at once for others.
    private static Reserved reserve(StateDirectory state, Identity identity, DetachedOptions options) throws IOException {
        Entry entry;
        Fd lock;
        try (Fd _ = state.lock()) {
            entry = state.make(identity.id());
            lock = entry.lockSoon();
            if (lock == null || !state.claim(identity.name(), identity.id())) {
                Exception taken = new IOException("the name '" + identity.name() + "' is that of container "
                        + String.valueOf(state.owner(identity.name())));
                state.delete(entry);
                close(entry, lock);
                throw (IOException) taken;
            }
        }
        try {
            for (Map.Entry<String, byte[]> note : options.notes.entrySet()) {
                entry.note(note.getKey(), note.getValue());
            }
            if (options.afterEnd != null) {
                entry.wishes(options.afterEnd.wishes());
            }
            return new Reserved(entry, lock);
        } catch (IOException | RuntimeException e) {
            discard(state, entry, e);
            close(entry, lock);
            throw e;
        }
    }

    private static void close(Entry entry, @Nullable Fd lock) {
        entry.close();
        if (lock != null) {
            lock.close();
        }
    }

    /// All of them, also those that have ended, the newest first.
    public List<DetachedContainer> list() throws IOException {
        List<DetachedContainer> found = new ArrayList<>();
        try (StateDirectory state = open()) {
            List<String> ids = state.ids();
            for (int i = 0; i < ids.size(); i++) {
                Identity identity = read(state, ids.get(i));
                if (identity != null) {
                    found.add(new DetachedContainer(this, identity));
                }
            }
        }
        found.sort(Comparator.comparing(DetachedContainer::created).reversed());
        return found;
    }

    /// @return null if it is damaged, gone or not complete
    private static @Nullable Identity read(StateDirectory state, String id) {
        try (Entry entry = StateDirectory.isId(id) ? state.entry(id) : null) {
            Identity identity = entry == null ? null : entry.identity();
            return identity == null || entry == null || Leftovers.isUnfinished(entry, identity) ? null : identity;
        } catch (IOException e) {
            return null;
        }
    }

    /// The one with this id, this name, or the only one whose id begins so, in this order.
    ///
    /// @throws IllegalArgumentException if several ids begin so, or this can be neither an id nor a name
    /// @throws IOException also if its record is damaged
    public Optional<DetachedContainer> find(String idOrName) throws IOException {
        String name = new CgroupName(idOrName).text();
        try (StateDirectory state = open()) {
            Identity found = StateDirectory.isId(name) ? identity(state, name) : null;
            if (found == null) {
                String owner = state.owner(name);
                Identity named = owner == null ? null : identity(state, owner);
                found = named != null && named.name().equals(name) ? named : byPrefix(state, name);
            }
            return found == null ? Optional.empty() : Optional.of(new DetachedContainer(this, found));
        }
    }

    private static @Nullable Identity byPrefix(StateDirectory state, String prefix) throws IOException {
        Identity found = null;
        List<String> ids = state.ids();
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i).startsWith(prefix) && StateDirectory.isId(ids.get(i))) {
                Identity next = identity(state, ids.get(i));
                if (next != null && found != null) {
                    throw new IllegalArgumentException("several containers have ids that begin with '" + prefix + "'");
                }
                found = next == null ? found : next;
            }
        }
        return found;
    }

    private static @Nullable Identity identity(StateDirectory state, String id) throws IOException {
        try (Entry entry = state.entry(id)) {
            Identity identity = entry == null ? null : entry.identity();
            return identity == null || entry == null || Leftovers.isUnfinished(entry, identity) ? null : identity;
        }
    }

    /// What in the state directory can't be read as a container.
    public List<Damaged> damaged() throws IOException {
        List<Damaged> damaged = new ArrayList<>();
        try (StateDirectory state = open()) {
            List<String> ids = state.ids();
            for (int i = 0; i < ids.size(); i++) {
                String problem = Leftovers.problem(state, ids.get(i));
                if (problem != null) {
                    damaged.add(new Damaged(ids.get(i), problem));
                }
            }
        }
        return damaged;
    }

    /// Deletes a container that [#damaged] tells of, with its log. Its cgroup is removed if it can be read where that is.
    ///
    /// @throws IOException also if its monitor lives
    public void discard(Damaged damaged) throws IOException {
        if (!StateDirectory.isId(damaged.id())) {
            throw new IllegalArgumentException("'" + DetachedNames.printable(damaged.id()) + "' is no id: Dolium has not made it");
        }
        try (StateDirectory state = open();
                Entry entry = state.entry(damaged.id())) {
            if (entry == null) {
                return;
            }
            Fd lock;
            try (Fd _ = state.lock()) {
                lock = entry.lockSoon();
            }
            if (lock == null) {
                throw new IOException("container " + damaged.id() + " is damaged but runs: its monitor holds '" + directory
                        + "/containers/" + damaged.id() + "/lock', and /proc/locks has its pid");
            }
            try (lock) {
                Leftovers.removeDamaged(state, entry);
            }
        }
    }

    /// Removes what killed JVMs left behind: containers whose start was never finished; and the cgroups of those that have ended, after
    /// what they counted was noted; and what [AfterEnd#remove] was to remove, if nobody is at that. Starting, listing and finding
    /// containers does not depend on it.
    ///
    /// @throws IOException if something can't be removed, after all else was
    public Reclaimed reclaim() throws IOException {
        List<String> unfinished = new ArrayList<>();
        List<String> ended = new ArrayList<>();
        IOException failure = null;
        try (StateDirectory state = open()) {
            List<String> ids = state.ids();
            for (int i = 0; i < ids.size(); i++) {
                try {
                    if (StateDirectory.isId(ids.get(i))) {
                        Leftovers.reclaim(state, ids.get(i), unfinished, ended);
                    }
                } catch (IOException e) {
                    failure = Leftovers.first(failure, e);
                }
            }
            try (Fd _ = state.lock()) {
                state.dropStaleNames();
            }
        }
        if (failure != null) {
            throw failure;
        }
        return new Reclaimed(List.copyOf(unfinished), List.copyOf(ended));
    }

    /// A directory that is no container's any more, or not one that this version knows.
    ///
    /// @param id the name of the directory, as it is
    /// @param problem what is wrong with it
    public record Damaged(String id, String problem) {}

    /// What [#reclaim] did.
    ///
    /// @param unfinished the ids of containers whose start was never finished, and which are gone now
    /// @param ended the ids of containers that had ended and whose end was noted now, or which [AfterEnd#remove] was to remove and nobody did
    public record Reclaimed(List<String> unfinished, List<String> ended) {}
}
