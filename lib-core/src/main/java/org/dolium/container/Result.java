// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// What a container that ran to its end left: how it ended, its captured output, and what it used.
public final class Result {
    private final ExitStatus status;
    private final Captured out;
    private final Captured err;
    private final Ending ending;

    Result(ExitStatus status, Captured out, Captured err, Ending ending) {
        this.status = status;
        this.out = out;
        this.err = err;
        this.ending = ending;
    }

    public ExitStatus status() {
        return status;
    }

    /// Standard output, decoded as UTF-8. Empty where it was redirected.
    public String stdout() {
        return new String(out.bytes(), StandardCharsets.UTF_8);
    }

    /// Standard error, decoded as UTF-8. Empty where it was redirected or merged.
    public String stderr() {
        return new String(err.bytes(), StandardCharsets.UTF_8);
    }

    public byte[] stdoutBytes() {
        return out.bytes();
    }

    public byte[] stderrBytes() {
        return err.bytes();
    }

    /// Whether there was more output than the capture limit; the rest was read and dropped.
    public boolean truncated() {
        return out.truncated() || err.truncated();
    }

    /// User and system time of everything in the container; without a cgroup that of the command and the children that it
    /// waited for.
    public Duration cpuTime() {
        return ending.cpuTime();
    }

    /// The most memory that was in use at once in the container, with what the kernel used for it and its page cache; see
    /// `memory.peak` and `memory.max_usage_in_bytes`. Empty without a cgroup that counts it, and before Linux 5.19 on
    /// cgroup v2.
    public Optional<MemorySize> peakMemory() {
        return ending.peakMemory() < 0 ? Optional.empty() : Optional.of(MemorySize.bytes(ending.peakMemory()));
    }

    /// How many processes of the container the kernel killed because memory ran out. More than 0 also where the command
    /// survived that, and ended by itself.
    public long oomKills() {
        return ending.oomKills();
    }

    @Override
    public String toString() {
        return status.toString();
    }
}
