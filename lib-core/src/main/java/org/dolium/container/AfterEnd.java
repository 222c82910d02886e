// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.dolium.state.Entry;
import org.dolium.state.Wishes;
import org.jspecify.annotations.Nullable;

/// What is to happen when a detached container has ended, though no JVM may be there then. Immutable.
///
/// With the container a process is started that waits for its end without a JVM and then executes a command of the caller's on the
/// host: the same user's, with the same rights and in `/`, without a terminal or another descriptor. Of the environment it has `PATH`, `HOME`,
/// `LANG`, `LC_ALL`, `LC_CTYPE`, the user's directories and bus (`XDG_…`, `DBUS_SESSION_BUS_ADDRESS`), and `DOLIUM_STATE`, `DOLIUM_CONTAINER` and
/// `DOLIUM_TICKET`. What it prints goes to a file that [DetachedContainer#problem] tells of. That command is, or starts, a Java
/// program that calls [#handle], which does what is wished here.
///
/// ```java
/// AfterEnd after = AfterEnd.execute(List.of("/opt/jdk/bin/java", "-cp", "/opt/service.jar", "example.Ended"))
///         .restart(RestartPolicy.onFailure(3));
/// containers.start(service(), DetachedOptions.standard().name("web").afterEnd(after));
///
/// // example.Ended
/// public static void main(String[] arguments) throws Exception {
///     AfterEnd.handle(System.getenv(), container -> service());
/// }
/// ```
///
/// A container that was stopped or killed by [DetachedContainer#stop], [DetachedContainer#kill] or [DetachedContainer#remove] is not
/// run again until somebody starts it. The first pause is 100 ms, and each is twice as long as the one before, up to a minute; a
/// command that ran for 10 seconds has the first pause again. Nothing stays in memory for a pause but a process of some pages.
public final class AfterEnd {
    /// How a container is made that is to be run again: a builder as for [DetachedContainer#start].
    @FunctionalInterface
    public interface Rebuilding {
        /// @throws IOException if that can't be; it is noted, and tried again if the policy says so
        ContainerBuilder builder(DetachedContainer container) throws IOException, InterruptedException;
    }

    private final List<String> command;
    private final RestartPolicy policy;
    private final boolean removes;
    private final @Nullable Duration limit;

    private AfterEnd(List<String> command, RestartPolicy policy, boolean removes, @Nullable Duration limit) {
        this.command = command;
        this.policy = policy;
        this.removes = removes;
        this.limit = limit;
        if (removes && policy.when() != RestartPolicy.When.NEVER) {
            throw new IllegalArgumentException("a container that is removed at its end can't be run again: '" + policy.text() + "'");
        }
    }

    /// Executes a command, which is to call [#handle].
    ///
    /// @param command the absolute path of a program, and its arguments
    public static AfterEnd execute(List<String> command) {
        if (command.isEmpty() || !command.getFirst().startsWith("/")) {
            throw new IllegalArgumentException("what is executed after the end needs the absolute path of a program: " + command);
        }
        for (int i = 0; i < command.size(); i++) {
            if (command.get(i).indexOf('\0') >= 0) {
                throw new IllegalArgumentException("word " + i + " of what is executed after the end has a NUL character");
            }
        }
        return new AfterEnd(List.copyOf(command), RestartPolicy.no(), false, null);
    }

    /// Runs the container's command again as a policy says, which counts [ExitStatus.TimedOut], and an end that nobody knows, as failures.
    public AfterEnd restart(RestartPolicy policy) {
        return new AfterEnd(command, Objects.requireNonNull(policy, "policy"), removes, limit);
    }

    /// Removes the container with its log and all that it wrote to the disk, a second after its end: who waits for it has asked by then.
    public AfterEnd remove() {
        return new AfterEnd(command, policy, true, limit);
    }

    /// Kills the container after that time, at each run: its status is [ExitStatus.TimedOut] then.
    ///
    /// @param limit more than nothing, and no more than 100,000 days
    public AfterEnd timeout(Duration limit) {
        if (!limit.isPositive() || limit.compareTo(Duration.ofDays(100_000)) > 0) {
            throw new IllegalArgumentException("time limit " + limit + " is not between 1 ns and 100,000 days");
        }
        return new AfterEnd(command, policy, removes, limit);
    }

    public List<String> command() {
        return command;
    }

    public RestartPolicy policy() {
        return policy;
    }

    /// Whether [#remove] was called.
    public boolean removes() {
        return removes;
    }

    /// See [#timeout(Duration)].
    public Optional<Duration> limit() {
        return Optional.ofNullable(limit);
    }

    /// Does what is wished for the container whose end has executed this program. If that was done by somebody else meanwhile,
    /// or the container is gone or was started again, nothing is done. As long as nothing can be written, or no process be made that waits for
    /// a pause, it waits itself and tries again, and returns after that.
    ///
    /// @param environment [System#getenv()], where the container is named
    /// @throws IOException if it could not be done: that is noted with the container, and tried again later if the policy says so or it is
    ///     to be removed
    /// @throws IllegalArgumentException if no container is named
    public static void handle(Map<String, String> environment, Rebuilding again) throws IOException, InterruptedException {
        String state = environment.get(Follower.STATE);
        String id = environment.get(Follower.CONTAINER);
        String ticket = environment.get(Follower.TICKET);
        if (state == null || id == null || ticket == null) {
            throw new IllegalArgumentException("no container has ended: " + Follower.STATE + ", " + Follower.CONTAINER + " and "
                    + Follower.TICKET + " are not all set; only what is executed after an end may call this");
        }
        new Ended(Containers.at(Path.of(state)), id, ticket, again).handle();
    }

    Wishes wishes() {
        return new Wishes(command, policy.text(), removes, limit == null ? 0 : limit.toNanos());
    }

    /// What is wished for the end of a container.
    ///
    /// @return null if that is nothing
    /// @throws IOException also if its record has what nobody can wish
    static @Nullable AfterEnd of(Entry entry) throws IOException {
        Wishes wishes = entry.wishes();
        if (wishes == null) {
            return null;
        }
        try {
            AfterEnd after = execute(wishes.command()).restart(RestartPolicy.parse(wishes.policy()));
            after = wishes.limitNanos() == 0 ? after : after.timeout(Duration.ofNanos(wishes.limitNanos()));
            return wishes.remove() ? after.remove() : after;
        } catch (IllegalArgumentException e) {
            throw new IOException("what is to follow the end of container " + entry.id() + " is damaged: " + e.getMessage(), e);
        }
    }
}
