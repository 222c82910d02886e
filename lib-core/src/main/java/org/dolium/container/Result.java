// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// What a container that ran to its end left: how it ended, its captured output, and what it used.
public final class Result {
    private final ExitStatus status;
    private final Captured out;
    private final Captured err;
    private final Duration cpuTime;

    Result(ExitStatus status, Captured out, Captured err, Duration cpuTime) {
        this.status = status;
        this.out = out;
        this.err = err;
        this.cpuTime = cpuTime;
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

    /// User and system time of the command and the children that it waited for.
    public Duration cpuTime() {
        return cpuTime;
    }

    @Override
    public String toString() {
        return status.toString();
    }
}
