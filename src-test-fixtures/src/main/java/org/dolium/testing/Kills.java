// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/// JVMs that are killed at random moments of what they do, as often as was asked for: a kill counts only between `begins` and `done`,
/// which such a JVM says in lines of its own. How long that takes is measured first. Each kill has its own part of that time, in which its
/// moment is random, so that all of it is hit.
public final class Kills {
    /// The seed of the moments: the property `dolium.killSeed`, otherwise another one each time.
    private static final long SEED = Long.getLong("dolium.killSeed", System.nanoTime());
    private static final int MEASURED = 3; // but for the first, which warms the machine
    private static final int MOST_TRIES = 4; // for each kill
    private static final int KILLED = 128 + 9;

    private final String what;
    private final int wanted;
    private final Start start;
    private final Look look;
    private final Random random = new Random(SEED);
    private long nanos;
    private int tries;
    private int kills;
    private int halves;

    private Kills(String what, int wanted, Start start, Look look) {
        this.what = what;
        this.wanted = wanted;
        this.start = start;
        this.look = look;
    }

    /// Starts a JVM.
    public interface Start {
        /// @param number of the JVM, from 0
        Process start(int number) throws Exception;
    }

    /// Looks at what a JVM left, killed or not.
    public interface Look {
        /// @return whether a part of its work can be seen, and not all
        boolean isHalf(int number) throws Exception;
    }

    /// Kills so many JVMs, and more until a sixth of them left half of their work: else they were killed at no interesting moments.
    /// Fails if that does not come to pass in four times as many tries.
    public static void of(String what, int wanted, Start start, Look look) throws Exception {
        System.out.println(what + ": -Ddolium.killSeed=" + SEED);
        long begun = System.nanoTime();
        Kills kills = new Kills(what, wanted, start, look);
        kills.measure();
        while ((kills.kills < wanted || kills.halves < wanted / 6) && kills.tries < wanted * MOST_TRIES) {
            kills.kill();
        }
        System.out.printf("%s: %d kills in %d tries, %d with half of the work done, %d ms each, %d s in all%n", what, kills.kills,
                kills.tries, kills.halves, kills.nanos / 1_000_000, (System.nanoTime() - begun) / 1_000_000_000);
        assertThat(kills.kills).as("kills").isGreaterThanOrEqualTo(wanted);
        assertThat(kills.halves).as("kills with half of the work done").isGreaterThanOrEqualTo(wanted / 6);
    }

    private void measure() throws Exception {
        for (int i = 0; i < MEASURED; i++) {
            Process process = start.start(i);
            try (BufferedReader output = process.inputReader()) {
                await(output, "begins");
                long begun = System.nanoTime();
                await(output, "done");
                nanos += i == 0 ? 0 : (System.nanoTime() - begun) / (MEASURED - 1);
                assertThat(process.waitFor()).isZero();
            } finally {
                process.destroyForcibly();
            }
            look.isHalf(i);
        }
    }

    private void kill() throws Exception {
        int number = MEASURED + tries++;
        Process process = start.start(number);
        boolean killed;
        try (BufferedReader output = process.inputReader()) {
            await(output, "begins");
            double share = kills < wanted ? (kills + random.nextDouble()) / wanted : random.nextDouble();
            Thread.sleep(Duration.ofNanos((long) (nanos * share)));
            process.toHandle().destroyForcibly(); // which leaves what it said to be read
            int status = process.waitFor();
            killed = status == KILLED && output.lines().noneMatch("done"::equals);
            assertThat(killed || status == KILLED || status == 0).as("%s: exit status %d", what, status).isTrue();
        }
        boolean half = look.isHalf(number);
        if (killed) {
            kills++;
            halves += half ? 1 : 0;
        } else { // it was faster than those that were measured
            nanos -= nanos / 10;
        }
    }

    private static void await(BufferedReader output, String wanted) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(wanted)) {
                return;
            }
            said.append(line).append('\n');
        }
        throw new AssertionError("it did not say '" + wanted + "', but: " + said);
    }
}
