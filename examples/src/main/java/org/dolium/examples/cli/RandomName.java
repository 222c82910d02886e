// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.random.RandomGenerator;

/// Names for containers that were given none, as `brave_amphora`.
final class RandomName {
    private static final String[] HOW = {
        "ample", "austere", "brave", "bright", "calm", "clever", "daring", "eager", "fair", "gentle", "happy", "honest", "jolly", "keen",
        "lively", "loyal", "merry", "modest", "noble", "patient", "proud", "quiet", "serene", "sober", "steady", "stoic", "sturdy",
        "swift", "tidy", "vivid", "wise", "zealous"
    };
    private static final String[] WHAT = {
        "amphora", "ampulla", "aryballos", "basket", "beaker", "calyx", "cantharus", "cask", "chest", "crater", "dolium", "flagon",
        "hydria", "jar", "jug", "kylix", "lagena", "lekythos", "loutrophoros", "modius", "oenochoe", "olla", "patera", "pelike",
        "pithos", "psykter", "pyxis", "rhyton", "skyphos", "stamnos", "urceus", "urna"
    };

    private RandomName() {}

    /// @param tries how many were taken already: after some it gets a number
    static String next(RandomGenerator random, int tries) {
        String name = HOW[random.nextInt(HOW.length)] + "_" + WHAT[random.nextInt(WHAT.length)];
        return tries < 3 ? name : name + random.nextInt(1, 1000);
    }
}
