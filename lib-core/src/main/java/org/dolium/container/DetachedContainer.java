// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Stats;
import org.dolium.files.ContainerFiles;
import org.dolium.security.SecurityReport;

/// A container that does not end with the JVM that started it; see [Containers].
///
/// It holds nothing open and need not be closed. What it tells of the container's state is asked anew each time; the name, command,
/// labels and notes are those of the time when it was found, or changed through it. Whether a process is still the container's is
/// told by its time of birth, so a pid that was given to another is never touched. Methods may be called from any thread.
public final class DetachedContainer {
    DetachedContainer() {}

    /// 64 hexadecimal digits, drawn at random.
    public String id() {
        throw new UnsupportedOperationException();
    }

    /// The first 12 of them.
    public String shortId() {
        throw new UnsupportedOperationException();
    }

    public String name() {
        throw new UnsupportedOperationException();
    }

    /// The command and its arguments.
    public List<String> command() {
        throw new UnsupportedOperationException();
    }

    /// What [ContainerBuilder#label] said.
    public Map<String, String> labels() {
        throw new UnsupportedOperationException();
    }

    /// When it was made.
    public Instant created() {
        throw new UnsupportedOperationException();
    }

    /// See [ContainerSpec#reductions], of the last start.
    public List<String> reductions() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// What [DetachedOptions#note] or [#note(String, byte[])] stored.
    public Optional<byte[]> note(String key) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Stores bytes with the container, in place of what was stored with the key before; at once and as a whole.
    public void note(String key, byte[] bytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    public DetachedState state() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The pid of its first process in the JVM's pid namespace, as long as it runs.
    public OptionalLong pid() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// The pid of its monitor, as long as that lives.
    public OptionalLong monitorPid() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// How often it was started.
    public int starts() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// When it was started the last time.
    public Optional<Instant> started() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// When it ended; nothing while it runs, or if nobody knows.
    public Optional<Instant> finished() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// How the command ended; nothing while it runs, or if nobody knows: see [DetachedState#LOST].
    public Optional<ExitStatus> exitStatus() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Starts it, if it does not run: for the first time after [Containers#create], or once more. Id, name, notes and log stay. Nothing
    /// of what it wrote to its root file system the last time is there.
    ///
    /// @param builder what it is to be, which the caller knows; command and labels are taken from it
    /// @throws IllegalStateException if it runs
    public void start(ContainerBuilder builder) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Waits for its end.
    ///
    /// @throws IllegalStateException if it was never started
    /// @throws IOException if nobody knows how it ended
    public ExitStatus waitFor() throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// As [#waitFor()], but no longer than `timeout`.
    ///
    /// @return nothing if it still runs
    public Optional<ExitStatus> waitFor(Duration timeout) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// What [#stop(Duration)] sends: [ContainerBuilder#stopSignal].
    public Signal stopSignal() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Asks the command to end with [#stopSignal]; see [#stop(Signal, Duration)].
    public Stopped stop(Duration grace) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Asks the command to end with `signal`, and kills the whole container when `grace` has passed. One that is paused goes on, so
    /// that it can end. Afterwards nothing of it runs any more. One that has ended already tells how.
    ///
    /// @throws IllegalStateException if it was never started
    /// @throws IOException if it does not even end by `SIGKILL`, or nobody knows how it ended
    public Stopped stop(Signal signal, Duration grace) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Sends a signal to the command; see [Container#kill].
    ///
    /// @return whether it was there to get it
    public boolean kill(Signal signal) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// See [Container#pause()].
    public void pause() throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// See [Container#resume()].
    public void resume() throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// What it uses now.
    ///
    /// @throws IllegalStateException if it does not run, or has no cgroup
    public Stats stats() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Changes limits while it runs; see [Container#update].
    public void update(Limits limits) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Its files; see [Container#files].
    ///
    /// @throws IllegalStateException if it does not run
    public ContainerFiles files() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// What confines the command now, read back from the kernel.
    ///
    /// @throws IllegalStateException if it does not run
    public SecurityReport security() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// What it has printed.
    public ContainerLogs logs() {
        throw new UnsupportedOperationException();
    }

    /// Gives it another name.
    ///
    /// @throws IOException also if the name is another container's
    public void rename(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Deletes it with its log.
    ///
    /// @param force whether one that runs is killed before
    /// @throws IllegalStateException if it runs and `force` is false
    public void remove(boolean force) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }
}
