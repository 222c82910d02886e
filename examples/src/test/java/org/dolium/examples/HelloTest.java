// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class HelloTest {
    @Test
    void it_says_hello_as_the_first_process_of_its_own_host() throws Exception {
        assertThat(Printed.by(Hello::main)).isEqualTo("hello from dolium, process 1\n");
    }

    @Test
    void a_shutdown_hook_may_start_a_container() throws Exception {
        Packaged.Output output = Packaged.run(new ProcessBuilder(
                Packaged.JAVA.toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), HelloAtTheEnd.class.getName()));
        assertThat(output).isEqualTo(new Packaged.Output(3, "hello from dolium, process 1\n", ""));
    }
}
