// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Feeds a target with inputs that are made of a corpus, to find one for which its invariants do not hold.
///
/// The corpus is the directory `fuzz/NAME` of the test resources: every file of it is fed as it is, and then changed ones,
/// for as many seconds as the property `dolium.fuzzSeconds` says, 3 if it says nothing. An input with a new kind of outcome
/// becomes a part of the corpus until the end. `target/fuzz/NAME/report.txt` says what there was. A finding is written beside it: once the bug is fixed, it belongs
/// into the corpus. `dolium.fuzzSeed` makes a run begin as another one did.
public final class Fuzz {
    /// What is tried.
    public interface Target {
        /// Throws if an invariant does not hold.
        ///
        /// @return what kind of outcome it was
        String feed(byte[] input) throws Exception;
    }

    /// What was done.
    ///
    /// @param runs how many inputs were fed
    /// @param kinds how often there was each kind of outcome
    public record Report(long runs, Map<String, Long> kinds) {}

    private static final int SECONDS = Integer.getInteger("dolium.fuzzSeconds", 3);
    /// On a busy machine it goes on for a while until there were so many.
    private static final int LEAST_RUNS = 1000;
    private static final long MORE_NANOS = 20_000_000_000L;
    private static final int MOST_KEPT = 2000;
    private static final long HANGS_NANOS = 60_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final List<String> words;
    private final long cpuNanos;
    private final long bytes;
    private final long seed = Long.getLong("dolium.fuzzSeed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<byte[]> corpus = new ArrayList<>();
    private final Map<String, Long> kinds = new TreeMap<>();
    private long runs;
    private volatile byte[] current = new byte[0];
    private volatile long since = System.nanoTime();
    private volatile @Nullable Throwable problem;

    private Fuzz(String name, List<String> words, long cpuMillis, long bytes) {
        this.name = name;
        this.words = words;
        this.cpuNanos = cpuMillis * 1_000_000 * Slow.FACTOR;
        this.bytes = bytes;
    }

    /// A run over the corpus `name`.
    ///
    /// @param words what inputs consist of
    /// @param cpuMillis the most time on a processor that an input may take
    /// @param bytes the most memory that it may take
    public static Fuzz of(String name, List<String> words, long cpuMillis, long bytes) {
        return new Fuzz(name, List.copyOf(words), cpuMillis, bytes);
    }

    /// Feeds the target until the time is over.
    ///
    /// @throws AssertionError for a finding
    public Report run(Target target) throws InterruptedException {
        read();
        Thread worker = Thread.ofPlatform().daemon().name("fuzz-" + name).start(() -> feedAll(target));
        while (worker.isAlive()) {
            worker.join(500);
            if (System.nanoTime() - since > HANGS_NANOS * Slow.FACTOR) {
                AssertionError hangs = new AssertionError("an input is not done after a minute");
                hangs.setStackTrace(worker.getStackTrace());
                throw finding(hangs);
            }
        }
        Throwable found = problem;
        if (found != null) {
            throw finding(found);
        }
        report();
        return new Report(runs, kinds);
    }

    /// For those who want to know what was tried.
    private void report() {
        StringBuilder out = new StringBuilder().append(runs).append(" inputs, seed ").append(seed).append('\n');
        kinds.forEach((kind, count) -> out.append(count).append(' ').append(kind).append('\n'));
        try {
            Files.writeString(directory().resolve("report.txt"), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path directory() throws IOException {
        return Files.createDirectories(Path.of("target", "fuzz", name));
    }

    private void read() {
        URL directory = Thread.currentThread().getContextClassLoader().getResource("fuzz/" + name);
        if (directory == null) {
            throw new AssertionError("there is no corpus fuzz/" + name);
        }
        try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
            for (Path file : files.sorted().toList()) {
                corpus.add(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
        if (corpus.isEmpty()) {
            throw new AssertionError("the corpus fuzz/" + name + " is empty");
        }
    }

    private void feedAll(Target target) {
        try {
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            Mutations mutations = new Mutations(random, words);
            for (byte[] input : List.copyOf(corpus)) {
                feed(target, input);
            }
            while (System.nanoTime() < end || runs < LEAST_RUNS && System.nanoTime() < end + MORE_NANOS) {
                byte[] input = mutations.mutated(any(), any());
                if (feed(target, input) && corpus.size() < MOST_KEPT) {
                    corpus.add(input);
                }
            }
        } catch (Throwable e) {
            problem = e;
        }
    }

    private byte[] any() {
        return corpus.get(random.nextInt(corpus.size()));
    }

    /// Whether the outcome is of a new kind. The first runs are not measured: what is done only once is not the input's.
    private boolean feed(Target target, byte[] input) throws Exception {
        current = input;
        since = System.nanoTime();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long taken = Allocation.bytes();
        String kind = target.feed(input.clone());
        taken = Allocation.bytes() - taken;
        cpu = THREADS.getCurrentThreadCpuTime() - cpu;
        if (runs++ > 100 && (taken > bytes || cpu > cpuNanos)) {
            throw new AssertionError(kind + ": took " + taken + " bytes and " + cpu / 1_000_000 + " ms; at most " + bytes
                    + " bytes and " + cpuNanos / 1_000_000 + " ms are wanted");
        }
        return kinds.merge(kind, 1L, Long::sum) == 1;
    }

    private AssertionError finding(Throwable cause) {
        byte[] input = current;
        try {
            Path file = directory().resolve("finding-" + Integer.toHexString(Arrays.hashCode(input)));
            Files.write(file, input);
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            String start = HexFormat.of().formatHex(input, 0, Math.min(input.length, 64));
            return new AssertionError("fuzzing of " + name + " with seed " + seed + " found, after " + runs + " inputs, "
                    + file.toAbsolutePath() + " (" + input.length + " bytes: " + start + "...): " + trace, cause);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
