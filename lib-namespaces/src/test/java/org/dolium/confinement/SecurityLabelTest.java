// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.api.Test;

class SecurityLabelTest {
    private static LaunchPlan plan(SecurityLabel label, boolean calls) {
        PlanBuilder plan = new PlanBuilder();
        new Confinement(false, List.of(), List.of(label), calls, null, 0).lowerBeforeRoot(plan);
        return plan.build(3);
    }

    @Test
    void a_profile_is_set_and_read_back_by_system_calls() {
        assertThat(plan(new SecurityLabel(SecurityLabel.Module.APPARMOR, "rows"), true)).hasToString("""
                $0 = lsm_set_self_attr(LSM_ATTR_EXEC, {id=LSM_ID_APPARMOR, ctx="exec rows"}, 41, 0)
                $1 = lsm_get_self_attr(LSM_ATTR_EXEC, {id=LSM_ID_APPARMOR}, [2048], LSM_FLAG_SINGLE) must be 1
                $2 = expect $1 has the label "rows"
                """);
    }

    @Test
    void a_context_is_set_and_read_back_through_files_of_an_own_proc() {
        String text = plan(new SecurityLabel(SecurityLabel.Module.SELINUX, "u:r:t:s0"), false).toString();
        assertThat(text.substring(text.indexOf("$5 ="))).isEqualTo("""
                $5 = openat2($2, "self/attr/exec", {flags=O_WRONLY|O_CLOEXEC, \
                resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24)
                $6 = write($5, "u:r:t:s0" /* LSM_ID_SELINUX */, 8) must be 8
                $7 = close($5)
                $8 = openat2($2, "self/attr/exec", {flags=O_RDONLY|O_CLOEXEC, \
                resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24)
                $9 = read($8, [label], 2048)
                $10 = expect $9 has the label "u:r:t:s0"
                $11 = expect $9 has the label "u:r:t:s0"
                $12 = close($8)
                $13 = close($2)
                """);
    }

    /// As `struct lsm_ctx` of linux/lsm.h.
    @Test
    void the_structure_is_the_kernels() {
        String name = "n".repeat(300);
        Step.Call set = (Step.Call) plan(new SecurityLabel(SecurityLabel.Module.APPARMOR, name), true).steps().get(0);
        assertThat(set.call().sys()).isEqualTo(Sys.LSM_SET_SELF_ATTR);
        ByteBuffer bytes = ByteBuffer.wrap(((Arg.Bytes) set.call().args().get(1)).value()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getLong()).isEqualTo(104); // LSM_ID_APPARMOR
        assertThat(bytes.getLong()).isZero();
        assertThat(bytes.getLong()).isEqualTo(32 + 305);
        assertThat(bytes.getLong()).isEqualTo(305);
        assertThat(bytes.remaining()).isEqualTo(305);
    }
}
