// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SyscallTable;

/// Profiles of every kind that the format can say.
final class RandomProfile {
    private static final List<SeccompAction> ACTIONS = List.of(
            SeccompAction.ALLOW, SeccompAction.LOG, SeccompAction.KILL_PROCESS, SeccompAction.KILL_THREAD,
            SeccompAction.trap(0), SeccompAction.trace(0), SeccompAction.trace(65535), SeccompAction.errno(Errno.EPERM),
            SeccompAction.errno(new Errno(0)), SeccompAction.errno(new Errno(4095)));

    private final Random random;

    RandomProfile(Random random) {
        this.random = random;
    }

    SeccompProfile profile() {
        List<SeccompRule> rules = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            rules.add(rule());
        }
        return SeccompProfile.denying(action()).with(rules);
    }

    SeccompTarget target() {
        return new SeccompTarget(arch(), random.nextLong(), 4 + random.nextInt(4), random.nextInt(20));
    }

    private Arch arch() {
        return Arch.values()[random.nextInt(2)];
    }

    private SeccompAction action() {
        return ACTIONS.get(random.nextInt(ACTIONS.size()));
    }

    private SeccompRule rule() {
        SyscallTable table = SyscallTable.of(arch());
        List<String> calls = new ArrayList<>();
        for (int i = 1 + random.nextInt(5); i > 0; ) {
            String name = table.name(random.nextInt(table.last() + 1));
            if (name != null) {
                calls.add(name);
                i--;
            }
        }
        SeccompRule rule = SeccompRule.of(action(), calls);
        List<Integer> arguments = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
        Collections.shuffle(arguments, random);
        for (int argument : arguments.subList(0, random.nextInt(4))) {
            rule = rule.when(condition(argument));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            Capability capability = Capability.values()[random.nextInt(41)];
            rule = random.nextBoolean() ? rule.with(capability) : rule.without(capability);
        }
        rule = random.nextInt(6) == 0 ? rule.since(4 + random.nextInt(3), random.nextInt(20)) : rule;
        rule = random.nextInt(6) == 0 ? rule.before(5 + random.nextInt(3), random.nextInt(20)) : rule;
        return random.nextInt(6) == 0 ? rule.on(arch()) : rule;
    }

    private SeccompCondition condition(int argument) {
        Comparison comparison = Comparison.values()[random.nextInt(Comparison.values().length)];
        long mask = random.nextLong() >>> random.nextInt(64);
        long value = random.nextLong() >> random.nextInt(64);
        return new SeccompCondition(argument, comparison, comparison == Comparison.MASKED_EQ ? value & mask : value, mask);
    }
}
