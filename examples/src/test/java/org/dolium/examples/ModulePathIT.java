// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Dolium is made of modules: an example runs on the module path, with native access for one of them only.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ModulePathIT {
    private static Packaged.Output java(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Packaged.JAVA.toString()));
        command.addAll(List.of(options));
        return Packaged.run(new ProcessBuilder(command));
    }

    private static String modulePath() {
        return Packaged.JAR + ":" + Packaged.LIBRARIES;
    }

    @Test
    void an_example_runs_with_native_access_for_one_module() throws Exception {
        Packaged.Output output = java(
                "--illegal-native-access=deny", "--enable-native-access=org.dolium.namespaces", "--module-path",
                modulePath(), "--module", "org.dolium.examples/org.dolium.examples.Hello");
        assertThat(output).isEqualTo(new Packaged.Output(0, "hello from dolium, process 1\n", ""));
    }

    @Test
    void without_native_access_it_does_not() throws Exception {
        Packaged.Output output = java(
                "--illegal-native-access=deny", "--enable-native-access=org.dolium.core", "--module-path",
                modulePath(), "--module", "org.dolium.examples/org.dolium.examples.Hello");
        assertThat(output.status()).isNotZero();
        assertThat(output.err()).contains("IllegalCallerException").contains("org.dolium.namespaces");
    }

    @Test
    void an_example_runs_on_the_class_path_too() throws Exception {
        Packaged.Output output = java(
                "--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED", "--class-path",
                Packaged.JAR + ":" + Packaged.LIBRARIES + "/*", "org.dolium.examples.Hello");
        assertThat(output).isEqualTo(new Packaged.Output(0, "hello from dolium, process 1\n", ""));
    }

    @Test
    void internals_are_not_accessible_from_other_modules() throws Exception {
        Packaged.Output described = java("--module-path", modulePath(), "--describe-module", "org.dolium.core");
        assertThat(described.out().lines())
                .contains("exports org.dolium.container", "requires org.dolium.namespaces transitive")
                .noneMatch(line -> line.startsWith("exports org.dolium.rootfs"));
    }

    /// What most applications don't need is not in the way of those that start containers.
    @Test
    void the_doctor_is_a_module_of_its_own() throws Exception {
        Packaged.Output described = java("--module-path", modulePath(), "--describe-module", "org.dolium.doctor");
        assertThat(described.out().lines()).contains("exports org.dolium.doctor", "requires org.dolium.core transitive");
    }
}
