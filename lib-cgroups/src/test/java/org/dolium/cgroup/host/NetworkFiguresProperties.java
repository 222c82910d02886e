// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dolium.cgroup.Stats;

class NetworkFiguresProperties {
    private static final String HEAD = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            """;

    @Example
    void each_interface_has_its_figures() {
        String text = HEAD + """
                    lo:   23731     350    0    0    0     0          0         0    23731     350    0    0    0     0       0          0
                  eth0: 629660391   20756    1    2    3     4          5         6  1873647   17175    7    8    9    10      11         12
                """;
        assertThat(NetworkFigures.of(text)).containsExactly(
                new Stats.Traffic("lo", 23731, 350, 0, 0, 23731, 350, 0, 0),
                new Stats.Traffic("eth0", 629660391, 20756, 1, 2, 1873647, 17175, 7, 8));
        assertThat(NetworkFigures.of(HEAD)).isEmpty();
    }

    @Property
    void any_text_is_read(@ForAll String text) {
        assertThatCode(() -> NetworkFigures.of(HEAD + text + "\n" + text + ": 1 2 3\n")).doesNotThrowAnyException();
    }
}
