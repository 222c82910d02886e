// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.dolium.kernel.LineEnds;
import org.dolium.launch.PipeInput;
import org.dolium.launch.Poller;
import org.jspecify.annotations.Nullable;

/// Reads one output stream of a container for all who want it. The poller tells when there is something; a virtual thread reads it
/// and tells it on, and ends when there is nothing: so a thousand silent containers have none, and a consumer that takes its time
/// lets the container wait and not the heap grow.
final class OutputPump implements Runnable {
    private static final byte[] NOTHING = new byte[0];
    private static final int SMALL = 4096;
    private static final int GROWTH = 16;
    /// How many pumps have a thread: while they are fewer than processors, one may keep a carrier for a moment.
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final int MOST_WAITING = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    private static final Duration STRAGGLERS = Duration.ofMillis(500);
    private static final Duration CONSUMERS = Duration.ofSeconds(5);
    /// What can be on its way to a file: more than two pipes hold.
    private static final int MOST_UNREAD = 1 << 20;

    /// One who is told lines, and what of the past is still to be told.
    private final class Follower implements LineSplitter.Sink {
        private final LineSplitter.Sink sink;
        final LineSplitter lines = new LineSplitter(this);
        byte[] past;
        volatile boolean closed;

        Follower(LineSplitter.Sink sink, byte[] past) {
            this.sink = sink;
            this.past = past;
        }

        void tellPast() {
            byte[] earlier = past;
            past = NOTHING;
            lines.add(earlier, earlier.length);
        }

        @Override
        public void line(byte[] bytes, int from, int length, boolean ascii) {
            if (closed) {
                return;
            }
            told.setOpaque(told.getPlain() + 1);
            try {
                sink.line(bytes, from, length, ascii);
            } catch (Throwable e) { // nobody is there to catch it, and the next line may go well
                System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "a consumer of output failed", e);
            }
        }
    }

    private final List<Follower> followers = new ArrayList<>(1);
    private final @Nullable Tail tail;
    private final @Nullable Spool spool;
    private @Nullable Captured captured;
    private @Nullable PipeInput source;
    private @Nullable Thread thread;
    private Poller.@Nullable Handler armed;
    private long watch;
    private byte[] chunk = NOTHING;
    private boolean full;
    private final LineEnds ends = new LineEnds();
    private boolean ended;
    private boolean closed;
    /// How many lines were told and pieces recorded, by the one thread that does; how many bytes were read, and at most are read just now.
    private final AtomicLong told = new AtomicLong();
    private volatile long taken;
    private volatile int reading;
    private final CountDownLatch end = new CountDownLatch(1);

    OutputPump(OutputWishes.Stream wishes, int retained, @Nullable Spool spool) {
        this.tail = retained > 0 ? new Tail(retained) : null;
        this.spool = spool;
        for (int i = 0; i < wishes.consumers.size(); i++) {
            followers.add(new Follower(wishes.consumers.get(i), NOTHING));
        }
    }

    /// Begins to read.
    ///
    /// @param limit how much is captured, or -1 for nothing
    synchronized @Nullable Captured begin(@Nullable PipeInput stream, int limit) {
        source = stream;
        captured = limit < 0 ? null : new Captured(null, limit);
        if (stream == null) {
            finished();
        } else {
            start();
        }
        return captured;
    }

    /// Whether it reads, or only moves to a file.
    boolean hasLines() {
        return spool == null;
    }

    /// Tells `consumer` what is retained, and what comes.
    synchronized Subscription follow(Consumer<? super String> consumer) {
        Follower follower = new Follower(LineSplitter.strings(consumer), tail == null ? NOTHING : tail.bytes());
        followers.add(follower);
        start();
        return new Subscription(new Runnable() {
            @Override
            public void run() {
                remove(follower);
            }
        });
    }

    private synchronized void remove(Follower follower) {
        follower.closed = true;
        followers.remove(follower);
    }

    private synchronized void start() {
        if (thread == null && source != null) {
            disarm();
            thread = Thread.ofVirtual().name("dolium-output").start(this);
        }
    }

    /// Has the poller tell once when there is something.
    private void arm(PipeInput stream) throws IOException {
        Poller.Handler handler = new Poller.Handler() {
            @Override
            public void ready(int events) {
                news(this);
            }
        };
        armed = handler;
        watch = Poller.shared().watch(stream.fd(), Poller.IN, handler);
    }

    private void disarm() {
        if (armed != null) {
            Poller.shared().cancel(watch);
            armed = null;
        }
    }

    /// What was cancelled may still be told.
    private synchronized void news(Poller.Handler handler) {
        if (armed == handler) {
            armed = null;
            start();
        }
    }

    @Override
    public void run() {
        RUNNING.incrementAndGet();
        try {
            do {
                tellPast();
            } while (step());
        } catch (Throwable e) { // whatever it is, somebody may wait for the end
            lost(e);
        } finally {
            RUNNING.decrementAndGet();
            closeSpool();
        }
    }

    private void tellPast() {
        for (Follower follower = pending(); follower != null; follower = pending()) {
            follower.tellPast();
            if (isEnded()) {
                follower.lines.end();
            }
        }
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    private synchronized @Nullable Follower pending() {
        for (int i = 0; i < followers.size(); i++) {
            if (followers.get(i).past.length > 0) {
                return followers.get(i);
            }
        }
        return null;
    }

    /// @return false if there is nothing to do now, and this is nobody's thread any more
    private boolean step() throws IOException {
        PipeInput stream = source;
        if (stream == null || isEnded()) {
            return !leave();
        }
        reading = spool == null ? PipeInput.CHUNK : MOST_UNREAD;
        int n = spool == null ? read(stream) : spool.take(stream);
        if (n > 0) {
            taken += n;
            told.setOpaque(told.getPlain() + 1);
        }
        reading = 0;
        if (n < 0) {
            endLines();
            finished();
        } else if (n == 0) {
            return RUNNING.get() <= MOST_WAITING && stream.awaitBriefly() || !rest(stream);
        } else if (spool == null) {
            tell(n);
        }
        return true;
    }

    /// Most output is short: there is more room only while there is more.
    private int read(PipeInput stream) throws IOException {
        if (chunk.length == 0) {
            chunk = new byte[SMALL];
        } else if (full && chunk.length < PipeInput.CHUNK) {
            chunk = new byte[Math.min(PipeInput.CHUNK, chunk.length * GROWTH)];
        }
        ends.forget(); // somebody may begin to follow before this piece is told
        int n = stream.tryRead(chunk, 0, chunk.length, isFollowed() ? ends : null);
        full = n == chunk.length;
        return n;
    }

    private synchronized boolean isFollowed() {
        return !followers.isEmpty();
    }

    private void tell(int n) {
        List<Follower> all;
        synchronized (this) {
            if (tail != null) {
                tail.add(chunk, n);
            }
            if (captured != null && !ended) {
                captured.keep(chunk, n);
            }
            all = List.copyOf(followers);
        }
        for (int i = 0; i < all.size(); i++) {
            all.get(i).tellPast();
            all.get(i).lines.add(chunk, n, ends);
        }
    }

    private void endLines() {
        List<Follower> all;
        synchronized (this) {
            all = List.copyOf(followers);
        }
        for (int i = 0; i < all.size(); i++) {
            all.get(i).lines.end();
        }
    }

    /// Waits for news without a thread, unless somebody has begun to follow.
    private synchronized boolean rest(PipeInput stream) throws IOException {
        if (!leave()) {
            return false;
        }
        try {
            arm(stream);
        } catch (IllegalStateException e) {
            finished(); // closed a moment ago
        }
        return true;
    }

    private synchronized boolean leave() {
        if (pending() != null) {
            return false;
        }
        thread = null;
        chunk = chunk.length > SMALL ? NOTHING : chunk;
        return true;
    }

    /// Whoever prints gets SIGPIPE from now on.
    private void lost(Throwable why) {
        boolean late = isEnded();
        PipeInput stream = source;
        if (stream != null) {
            stream.close();
        }
        try {
            if (!late) {
                System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "output of a container is lost", why);
            }
        } finally {
            synchronized (this) {
                if (captured != null && !late) {
                    captured.cut();
                }
                finished();
                thread = null;
            }
        }
    }

    private synchronized void finished() {
        ended = true;
        end.countDown();
    }

    /// Waits, after the end of the command, until everything it printed is told. What somebody else prints who still has the pipe
    /// is cut off; a consumer that does not come back for five seconds is interrupted.
    void awaitEnd() throws InterruptedException {
        long deadline = System.nanoTime() + CONSUMERS.toNanos();
        long printed = waiting(); // in this order: what is read meanwhile is counted twice, rather than not at all
        printed += reading;
        printed += taken;
        long seen = told.getOpaque();
        while (hasBegun() && !isOwn() && !end.await(STRAGGLERS.toNanos(), TimeUnit.NANOSECONDS)) {
            long now = System.nanoTime();
            long all = told.getOpaque();
            if (all != seen && taken <= printed) {
                seen = all;
                deadline = now + CONSUMERS.toNanos();
            }
            if (cut(now >= deadline)) {
                return;
            }
        }
    }

    private synchronized boolean hasBegun() {
        return source != null;
    }

    /// Whether a consumer asks.
    private synchronized boolean isOwn() {
        return thread == Thread.currentThread();
    }

    /// @return false if somebody has to be waited for
    synchronized boolean cut(boolean late) {
        if (thread != null && !late) {
            return false;
        } else if (thread == null && waiting() > 0) { // the poller has not told it yet
            start();
            return false;
        }
        if (captured != null) {
            captured.cut();
        }
        if (thread != null) {
            System.getLogger("org.dolium").log(System.Logger.Level.WARNING,
                    "a consumer of output does not come back, or somebody goes on printing after the end of the command: the rest is not told");
            for (int i = 0; i < followers.size(); i++) {
                followers.get(i).closed = true;
            }
            thread.interrupt();
        }
        disarm();
        finished();
        return true;
    }

    /// How much was printed and is not read; or, where a file takes it, which may be slow, how much it is at most.
    private synchronized int waiting() {
        try {
            return source == null || ended ? 0 : spool != null && thread != null ? MOST_UNREAD : source.available();
        } catch (IOException e) {
            return 0; // closed
        }
    }

    /// Gives up what is still to be read.
    synchronized void close() {
        disarm();
        finished();
        closed = true;
        closeSpool();
    }

    /// Not under the hands of who fills it: its number may be somebody else's a moment later.
    private synchronized void closeSpool() {
        if (spool != null && closed && thread == null) {
            spool.close();
        }
    }
}
