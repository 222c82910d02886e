// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.plan.Step;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;

/// What an init may call: nothing but what it does. So it needs nothing of the container's profile, and whoever got hold of it
/// would have less than that profile gives.
final class InitFilter {
    private static final SeccompProfile PROFILE = profile();

    private InitFilter() {}

    private static SeccompProfile profile() {
        String[] names = new String[Step.Init.CALLS.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = Step.Init.CALLS.get(i).text();
        }
        SeccompAction other = SeccompAction.KILL_PROCESS;
        return SeccompProfile.denying(other).unknownCalls(other).foreignCalls(other).with(SeccompRule.allow(names)).named("init");
    }

    static Arg.Filter filter(Host host) {
        byte[] program = PROFILE.compile(new SeccompTarget(host.arch(), 0, host.kernelMajor(), host.kernelMinor()));
        return new Arg.Filter(program, "{len=" + program.length / Arg.Filter.INSTRUCTION + ", filter=" + PROFILE + "}");
    }
}
