// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whose turn it is when a container has ended, in its file `turn`: the process that waits for that, and what was done before.
///
/// @param ticket what the waiting process has been given; who comes with another one is too late
/// @param waiter the process, which becomes the command
/// @param birth when that was born; see [Alive]
/// @param place where this pid means something: a pid namespace, and a start of the machine
/// @param begun whether the command does what is wished
/// @param delays whether it waits for the next run, or begins that, and not for the end of one
/// @param restarts how often the command was run again
/// @param pauseNanos how long it was waited before the last time
/// @param limitNanos how long the last run was allowed to take, or 0 for no limit
public record Turn(
        String ticket, int waiter, long birth, String place, boolean begun, boolean delays, long restarts, long pauseNanos, long limitNanos) {
    private static final List<String> KEYS =
            List.of("ticket", "waiter", "birth", "place", "begun", "delays", "restarts", "pause-nanos", "limit-nanos");

    public byte[] bytes() {
        return new Fields().add("ticket", ticket).add("waiter", waiter).add("birth", birth).add("place", place)
                .add("begun", begun ? 1 : 0).add("delays", delays ? 1 : 0).add("restarts", restarts).add("pause-nanos", pauseNanos).add("limit-nanos", limitNanos)
                .bytes();
    }

    static Turn parse(byte[] bytes, String shown) throws IOException {
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        long waiter = fields.number("waiter", shown);
        long restarts = fields.number("restarts", shown);
        long pause = fields.number("pause-nanos", shown);
        long limit = fields.number("limit-nanos", shown);
        if (waiter < 1 || waiter > Integer.MAX_VALUE || restarts < 0 || pause < 0 || limit < 0) {
            throw Fields.damaged(shown, "a number is none that it can be");
        }
        return new Turn(fields.one("ticket", shown), (int) waiter, fields.number("birth", shown), fields.one("place", shown),
                fields.number("begun", shown) != 0, fields.number("delays", shown) != 0, restarts, pause, limit);
    }

    /// Where the pids of this JVM mean something.
    public static String here() throws IOException {
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII).trim();
        return Alive.pidNamespace() + " " + boot;
    }

    /// The process that waits, or does what is wished.
    ///
    /// @return null if it has ended, also if nobody has waited for it, or could not be known from here
    public @Nullable Alive find() throws IOException {
        Alive found = place.equals(here()) ? Alive.find(waiter, birth) : null;
        if (found != null && found.hasEnded()) {
            found.close();
            return null;
        }
        return found;
    }

    /// The same after its process has begun to do what is wished.
    public Turn beginning() {
        return new Turn(ticket, waiter, birth, place, true, delays, restarts, pauseNanos, limitNanos);
    }

    /// The same before the command is run once more.
    public Turn again(long pause) {
        return new Turn(ticket, waiter, birth, place, true, true, restarts + 1, pause, limitNanos);
    }
}
