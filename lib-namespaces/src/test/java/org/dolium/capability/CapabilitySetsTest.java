// SPDX-License-Identifier: Apache-2.0
package org.dolium.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.dolium.linux.Arg;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.api.Test;

class CapabilitySetsTest {
    private static final String ELEVEN = "CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_FOWNER|CAP_FSETID|CAP_KILL|CAP_SETGID|CAP_SETUID"
            + "|CAP_SETPCAP|CAP_NET_BIND_SERVICE|CAP_SYS_CHROOT|CAP_SETFCAP";

    private final PlanBuilder plan = new PlanBuilder();

    @Test
    void the_default_is_eleven_capabilities() {
        CapabilitySets sets = CapabilitySets.standard();
        assertThat(Long.bitCount(sets.bounding())).isEqualTo(11);
        assertThat(sets).isEqualTo(new CapabilitySets(sets.bounding(), sets.bounding(), sets.bounding(), 0, 0));
        sets.lowerFinal(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
                $1 = capset({_LINUX_CAPABILITY_VERSION_3, 0}, {effective=%1$s, permitted=%1$s, inheritable=0})
                """.formatted(ELEVEN));
    }

    @Test
    void everything_outside_the_bounding_set_is_dropped_from_it() {
        CapabilitySets.all().minus(Capability.CHOWN).minus(Capability.BPF).lowerBounding(plan, 42);
        assertThat(plan.build(3)).hasToString("""
                $0 = prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0)
                $1 = prctl(PR_CAPBSET_DROP, CAP_BPF, 0, 0, 0)
                $2 = prctl(PR_CAPBSET_DROP, 41, 0, 0, 0)
                $3 = prctl(PR_CAPBSET_DROP, 42, 0, 0, 0)
                """);
    }

    @Test
    void a_capability_that_the_kernel_does_not_know_is_not_dropped() {
        CapabilitySets.none().lowerBounding(plan, 1);
        assertThat(plan.build(3)).hasToString("""
                $0 = prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0)
                $1 = prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
                """);
    }

    @Test
    void ambient_capabilities_are_raised_after_the_sets_that_they_need() {
        CapabilitySets.none().plusAmbient(Capability.NET_RAW).lowerFinal(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
                $1 = capset({_LINUX_CAPABILITY_VERSION_3, 0}, {effective=CAP_NET_RAW, permitted=CAP_NET_RAW, \
                inheritable=CAP_NET_RAW})
                $2 = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0)
                """);
    }

    @Test
    void capset_gets_three_sets_in_halves() {
        new CapabilitySets(0x1ff_ffff_ffffL, 0x100_0000_0001L, 0x180_0000_0003L, 0x140_0000_0008L, 0).lowerFinal(plan);
        Step.Call capset = (Step.Call) plan.build(3).steps().get(1);
        int[] words = new int[6];
        ByteBuffer.wrap(((Arg.Bytes) capset.call().args().get(1)).value())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(words);
        assertThat(words).containsExactly(1, 3, 8, 0x100, 0x180, 0x140);
    }

    @Test
    void sets_that_the_kernel_would_refuse_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CapabilitySets(1, 1, 0, 0, 0))
                .withMessageContaining("CAP_CHOWN");
        assertThatIllegalArgumentException().isThrownBy(() -> new CapabilitySets(0, 0, 2, 0, 0))
                .withMessageContaining("bounding set: CAP_DAC_OVERRIDE");
        assertThatIllegalArgumentException().isThrownBy(() -> new CapabilitySets(1, 1, 1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new CapabilitySets(1, 0, 0, 1, 1));
    }

    @Test
    void a_user_other_than_0_keeps_only_ambient_capabilities() {
        CapabilitySets sets = CapabilitySets.standard().plusAmbient(Capability.NET_ADMIN);
        long admin = 1L << Capability.NET_ADMIN.ordinal();
        assertThat(sets.forUser(0)).isEqualTo(sets);
        assertThat(sets.forUser(1000)).isEqualTo(new CapabilitySets(sets.bounding(), admin, admin, admin, admin));
    }
}
