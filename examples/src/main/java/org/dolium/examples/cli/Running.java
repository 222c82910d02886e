// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ExitStatus;
import org.dolium.container.RestartPolicy;
import org.dolium.container.Signal;
import org.dolium.container.Supervised;
import org.jspecify.annotations.Nullable;

/// A container of the command line, which may be run again.
///
/// @param container the first one
/// @param supervised who runs it again, or null if nobody does
record Running(Container container, @Nullable Supervised supervised) implements AutoCloseable {
    static Running start(ContainerBuilder builder, RestartPolicy policy) throws IOException, InterruptedException {
        if (policy.when() == RestartPolicy.When.NEVER) {
            return new Running(builder.start(), null);
        }
        Supervised supervised = builder.supervise(policy);
        return new Running(supervised.container(), supervised);
    }

    /// @param limit after which it is killed, or null for none
    ExitStatus await(@Nullable Duration limit) throws IOException, InterruptedException {
        if (limit == null) {
            return supervised == null ? container.waitFor() : supervised.waitFor();
        }
        ExitStatus end = (supervised == null ? container.waitFor(limit) : supervised.waitFor(limit)).orElse(null);
        if (end == null) {
            close();
            return new ExitStatus.TimedOut(limit);
        }
        return end;
    }

    void stop(Duration grace) throws InterruptedException {
        if (supervised == null) {
            container.stop(grace);
        } else {
            supervised.stop(grace);
        }
    }

    void kill() throws InterruptedException {
        if (supervised == null) {
            container.kill(Signal.KILL);
        } else {
            supervised.stop(Duration.ZERO);
        }
    }

    void send(Signal signal) {
        (supervised == null ? container : supervised.container()).kill(signal);
    }

    @Override
    public void close() {
        if (supervised == null) {
            container.close();
        } else {
            supervised.close();
        }
    }
}
