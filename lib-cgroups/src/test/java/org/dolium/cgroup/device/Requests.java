// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;

/// What a process may ask for, and what a list means, written down once more and in another way.
final class Requests {
    private Requests() {}

    /// @param access some of r, w, m; none for a request that neither opens nor makes
    record Request(Type type, int major, int minor, String access) {}

    static boolean allowed(List<DeviceRule> rules, Request request) {
        for (int major : new int[] {request.major, DeviceRule.ANY}) {
            for (int minor : new int[] {request.minor, DeviceRule.ANY}) {
                Set<Character> letters = new TreeSet<>();
                boolean named = false;
                for (DeviceRule rule : rules) {
                    if (rule.major() == major
                            && rule.minor() == minor
                            && (rule.type() == request.type || rule.type() == Type.ALL)) {
                        named = true;
                        rule.access().chars().forEach(letter -> letters.add((char) letter));
                    }
                }
                if (named && request.access.chars().allMatch(letter -> letters.contains((char) letter))) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Few different numbers, so that requests and rules meet.
    static Arbitrary<List<DeviceRule>> lists() {
        return Combinators.combine(
                        Arbitraries.of(Type.class),
                        Arbitraries.of(DeviceRule.ANY, 3000, 3001, 4095),
                        Arbitraries.of(DeviceRule.ANY, 0, 1, 1048575),
                        Arbitraries.integers().between(1, 7))
                .as((type, major, minor, access) -> new DeviceRule(
                        type, major, minor, (access & 1) != 0, (access & 2) != 0, (access & 4) != 0))
                .list()
                .ofMaxSize(8);
    }

    static Arbitrary<Request> requests() {
        return Combinators.combine(
                        Arbitraries.of(Type.CHARACTER, Type.BLOCK),
                        Arbitraries.of(0, 3000, 3001, 4095),
                        Arbitraries.of(0, 1, 2, 1048575),
                        Arbitraries.of("", "r", "w", "rw", "m", "rm", "wm", "rwm"))
                .as(Request::new);
    }
}
