// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/// The processes of a container that was started, in its file `run`.
///
/// @param pid its first process
/// @param birth when that was born; see [Alive]
/// @param monitor the process that watches it
/// @param monitorBirth when that was born
/// @param pidNamespace where these pids mean something
/// @param init whether the first process is an init, and the command its child
/// @param stopSignal what asks it to end
/// @param askedFor what [org.dolium.security.SecurityReport] can't read back
/// @param reductions what could not be given
public record Run(
        int pid, long birth, int monitor, long monitorBirth, String pidNamespace, Instant started, boolean init, int stopSignal,
        List<String> askedFor, List<String> reductions) {
    private static final List<String> KEYS = List.of("pid", "birth", "monitor", "monitor-birth", "pid-namespace", "started", "init",
            "stop-signal", "asked", "reduction");
    private static final int LAST_SIGNAL = 64;

    public Run {
        askedFor = List.copyOf(askedFor);
        reductions = List.copyOf(reductions);
    }

    public byte[] bytes() {
        return new Fields().add("pid", pid).add("birth", birth).add("monitor", monitor).add("monitor-birth", monitorBirth)
                .add("pid-namespace", pidNamespace).add("started", started.toString()).add("init", init ? 1 : 0)
                .add("stop-signal", stopSignal).add("asked", askedFor).add("reduction", reductions).bytes();
    }

    static Run parse(byte[] bytes, String shown) throws IOException {
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        long pid = fields.number("pid", shown);
        long monitor = fields.number("monitor", shown);
        long signal = fields.number("stop-signal", shown);
        if (pid < 1 || monitor < 1 || pid > Integer.MAX_VALUE || monitor > Integer.MAX_VALUE || signal < 1 || signal > LAST_SIGNAL) {
            throw Fields.damaged(shown, "a number is none that it can be");
        }
        try {
            return new Run(
                    (int) pid, fields.number("birth", shown), (int) monitor, fields.number("monitor-birth", shown),
                    fields.one("pid-namespace", shown), Instant.parse(fields.one("started", shown)), fields.number("init", shown) != 0,
                    (int) signal, fields.all("asked"), fields.all("reduction"));
        } catch (DateTimeException e) {
            throw Fields.damaged(shown, String.valueOf(e.getMessage()));
        }
    }
}
