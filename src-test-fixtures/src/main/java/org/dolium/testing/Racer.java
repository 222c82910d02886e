// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Exchanges two names of a directory for each other, again and again, until it is closed: what an attacker does who wants
/// one of them to be checked and the other to be used.
public final class Racer implements AutoCloseable {
    /// How long to race: the property `dolium.raceSeconds`, otherwise 3.
    public static final long SECONDS = Long.getLong("dolium.raceSeconds", 3);

    private static final int AT_FDCWD = -100;
    private static final int RENAME_EXCHANGE = 2;
    @SuppressWarnings("restricted") // a call that the JDK has not
    private static final MethodHandle RENAMEAT2 = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().find("renameat2").orElseThrow(),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private final Thread thread;
    private volatile boolean stop;
    private final java.util.concurrent.atomic.AtomicLong flips = new java.util.concurrent.atomic.AtomicLong();

    private Racer(Path one, Path other) {
        thread = Thread.ofPlatform().daemon().name("racer").unstarted(() -> race(one.toString(), other.toString()));
    }

    /// Begins to exchange them.
    public static Racer of(Path one, Path other) {
        Racer racer = new Racer(one, other);
        racer.thread.start();
        return racer;
    }

    private void race(String one, String other) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocateFrom(one);
            MemorySegment second = arena.allocateFrom(other);
            while (!stop) {
                int result = (int) RENAMEAT2.invokeExact(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
                flips.addAndGet(result == 0 ? 1 : 0);
                Thread.onSpinWait();
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /// Whether to race on: for so many times [#SECONDS], and on a busy machine until it was a race, but no longer than a minute more.
    ///
    /// @param start when it began, by `System.nanoTime()`
    /// @param hit whether there was all that a race must have had
    public static boolean goesOn(long start, int times, boolean hit) {
        long seconds = times * SECONDS + (hit ? 0 : 60);
        return System.nanoTime() - start < TimeUnit.SECONDS.toNanos(seconds);
    }

    /// How often the names were exchanged. A race that saw none proves nothing.
    public long flips() {
        return flips.get();
    }

    @Override
    public void close() {
        stop = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
