// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// What [Container#stats(java.time.Duration, java.util.function.Consumer)] and [Container#onEvent] began, until it is
/// closed or the container is.
public final class Subscription implements AutoCloseable {
    private final Runnable end;

    Subscription(Runnable end) {
        this.end = end;
    }

    /// From now on nothing is begun to be told; a call of the consumer that has begun goes on. Closing twice does nothing.
    @Override
    public void close() {
        end.run();
    }
}
