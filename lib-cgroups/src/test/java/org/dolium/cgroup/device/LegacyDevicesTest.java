// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.device.Requests.Request;

class LegacyDevicesTest {
    @Provide
    static Arbitrary<List<DeviceRule>> lists() {
        return Requests.lists();
    }

    @Provide
    static Arbitrary<List<Request>> requests() {
        return Requests.requests().list().ofMinSize(1).ofMaxSize(20);
    }

    private static List<DeviceRule> rules(String... texts) {
        return List.of(texts).stream().map(DeviceRule::parse).toList();
    }

    /// A line of type a would allow everything, whatever its numbers are.
    @Example
    void everything_is_denied_before_anything_is_allowed() {
        assertThat(LegacyDevices.initial(rules("c 1:3 rw", "a 1:5 r", "c 1:3 m"))).map(DeviceWrite::toString)
                .containsExactly(
                        "echo a > devices.deny",
                        "echo c 1:3 rwm > devices.allow",
                        "echo c 1:5 r > devices.allow",
                        "echo b 1:5 r > devices.allow");
    }

    @Example
    void an_update_takes_away_before_it_gives() {
        assertThat(LegacyDevices.update("c 1:3 rwm\nc 1:5 rw\nb 8:0 r\n", rules("c 1:3 rw", "c 1:5 rwm", "c 1:7 r")))
                .map(DeviceWrite::toString)
                .containsExactly(
                        "echo c 1:3 m > devices.deny",
                        "echo b 8:0 r > devices.deny",
                        "echo c 1:5 m > devices.allow",
                        "echo c 1:7 r > devices.allow");
        assertThat(LegacyDevices.update("c 1:3 rw\n", rules("c 1:3 wr"))).isEmpty();
        assertThat(LegacyDevices.update("", List.of())).isEmpty();
    }

    @Example
    void a_group_that_may_do_everything_has_no_list_yet() {
        assertThat(LegacyDevices.update("a *:* rwm\n", rules("c 1:3 r"))).isEqualTo(LegacyDevices.initial(rules("c 1:3 r")));
    }

    @Example
    void a_text_that_is_no_list_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LegacyDevices.update("c 1:3\n", List.of()))
                .withMessageContaining("c 1:3");
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void a_new_group_allows_what_its_list_allows(
            @ForAll("lists") List<DeviceRule> rules, @ForAll("requests") List<Request> requests) {
        LegacyGroup group = new LegacyGroup();
        for (DeviceWrite write : LegacyDevices.initial(rules)) {
            group.write(write);
            for (Request request : requests) {
                assertThat(group.allowed(request)).as("%s after %s", request, write)
                        .matches(allowed -> !allowed || Requests.allowed(rules, request));
            }
        }
        same(group, rules, requests);
    }

    /// A request that both lists allow by the same lines stays allowed all the time, and what neither allows is denied.
    @Property(edgeCases = EdgeCasesMode.NONE)
    void an_update_is_never_looser_than_both_lists(
            @ForAll("lists") List<DeviceRule> old,
            @ForAll("lists") List<DeviceRule> wanted,
            @ForAll("requests") List<Request> requests) {
        LegacyGroup group = new LegacyGroup();
        LegacyDevices.initial(old).forEach(group::write);
        for (DeviceWrite write : LegacyDevices.update(group.list(), wanted)) {
            group.write(write);
            for (Request request : requests) {
                boolean before = Requests.allowed(old, request);
                boolean after = Requests.allowed(wanted, request);
                assertThat(group.allowed(request)).as("%s after %s", request, write)
                        .matches(allowed -> !allowed || before || after);
            }
        }
        same(group, wanted, requests);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void lines_that_both_lists_have_are_not_touched(
            @ForAll("lists") List<DeviceRule> common, @ForAll("lists") List<DeviceRule> more) {
        LegacyGroup group = new LegacyGroup();
        LegacyDevices.initial(common).forEach(group::write);
        List<DeviceRule> both = new java.util.ArrayList<>(common);
        both.addAll(more);
        assertThat(LegacyDevices.update(group.list(), both)).allMatch(write -> write.file().equals("devices.allow"));
    }

    private static void same(LegacyGroup group, List<DeviceRule> rules, List<Request> requests) {
        for (Request request : requests) {
            assertThat(group.allowed(request)).as("%s", request).isEqualTo(Requests.allowed(rules, request));
        }
    }
}
