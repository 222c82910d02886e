// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.dolium.plan.PlanBuilder;
import org.junit.jupiter.api.Test;

class LandlockStepsTest {
    private static final Landlock RULES =
            Landlock.create().execute("/usr").readWrite("/tmp").bindTcp(80).connectTcp().scoped();

    private static String plan(Landlock rules, int version) {
        PlanBuilder plan = new PlanBuilder();
        new Confinement(false, List.of(), List.of(), true, rules, version).lowerRules(plan, false);
        return plan.build(3).toString();
    }

    @Test
    void rules_are_collected_and_put_on_the_process() {
        assertThat(plan(RULES, 7)).isEqualTo("""
                $0 = landlock_create_ruleset({fs=0xffff, net=3, scoped=3}, 24, 0) must be 4
                $1 = openat2(AT_FDCWD, "/usr", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24) must be 5
                $2 = landlock_add_rule($0, LANDLOCK_RULE_PATH_BENEATH, {access=0x5, 5} /* /usr */, 0)
                $3 = landlock_add_rule($0, LANDLOCK_RULE_PATH_BENEATH, {access=0xd, 5} /* /usr */, 0) or EINVAL
                $4 = close($1)
                $5 = openat2(AT_FDCWD, "/tmp", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24) must be 5
                $6 = landlock_add_rule($0, LANDLOCK_RULE_PATH_BENEATH, {access=0xc006, 5} /* /tmp */, 0)
                $7 = landlock_add_rule($0, LANDLOCK_RULE_PATH_BENEATH, {access=0xf7be, 5} /* /tmp */, 0) or EINVAL
                $8 = close($5)
                $9 = landlock_add_rule($0, LANDLOCK_RULE_NET_PORT, {access=0x1, 80} /* port */, 0)
                $10 = landlock_restrict_self($0, 0)
                $11 = close($0)
                """);
    }

    @Test
    void an_older_version_gets_only_what_it_knows() {
        String[] handled = {"", "0x1fff, net=0, scoped=0}, 8", "0x3fff, net=0, scoped=0}, 8", "0x7fff, net=0, scoped=0}, 8",
            "0x7fff, net=3, scoped=0}, 16", "0xffff, net=3, scoped=0}, 16", "0xffff, net=3, scoped=3}, 24"};
        for (int version = 1; version < handled.length; version++) {
            assertThat(plan(RULES, version)).startsWith("$0 = landlock_create_ruleset({fs=" + handled[version]);
        }
        assertThat(plan(RULES, 1)).contains("{access=0x6, 5} /* /tmp */", "{access=0x17be, 5}").doesNotContain("PORT");
        assertThat(plan(RULES, 0)).isEmpty();
    }

    @Test
    void what_is_not_asked_for_is_not_limited() {
        assertThat(plan(Landlock.create(), 7)).isEmpty();
        assertThat(plan(Landlock.create().bindTcp(), 7)).contains("{fs=0x0, net=1, scoped=0}").doesNotContain("add_rule");
        assertThat(plan(Landlock.create().readOnly("/"), 7)).contains("{fs=0xffff, net=0, scoped=0}");
    }

    @Test
    void what_a_version_can_not_enforce_is_told() {
        assertThat(RULES.missing(0)).singleElement().asString().contains("no Landlock");
        assertThat(RULES.missing(2)).hasSize(3);
        assertThat(RULES.missing(3)).hasSize(2);
        assertThat(RULES.missing(5)).singleElement().asString().contains("6.12");
        assertThat(RULES.missing(6)).isEmpty();
        assertThat(Landlock.create().readOnly("/").missing(3)).isEmpty();
    }

    @Test
    void paths_are_absolute_and_ports_are_ports() {
        assertThatIllegalArgumentException().isThrownBy(() -> Landlock.create().readOnly("usr"));
        assertThatIllegalArgumentException().isThrownBy(() -> Landlock.create().execute("/a\0b"));
        assertThatIllegalArgumentException().isThrownBy(() -> Landlock.create().bindTcp(65536));
        assertThatIllegalArgumentException().isThrownBy(() -> Landlock.create().connectTcp(-1));
    }
}
