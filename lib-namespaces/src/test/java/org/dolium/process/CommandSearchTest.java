// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.linux.Arg;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.api.Test;

class CommandSearchTest {
    private final PlanBuilder plan = new PlanBuilder();

    @Test
    void a_command_is_tried_in_each_place_of_its_own_path() {
        search(Map.of("PATH", "/bin:/opt/x"), "sh", "-c", "id");
        assertThat(plan.build(3)).hasToString("""
                $0 = execve("/bin/sh", ["sh", "-c", "id"], [/* 1 vars */]) or ENOENT|ENOTDIR|EACCES
                $1 = execve("/opt/x/sh", ["sh", "-c", "id"], [/* 1 vars */]) or ENOENT|ENOTDIR|EACCES
                $2 = exit_group(127)
                """);
    }

    @Test
    void a_command_with_a_slash_is_tried_only_as_it_is() {
        search(Map.of("PATH", "/bin"), "./a/b");
        assertThat(plan.build(3)).hasToString("""
                $0 = execve("./a/b", ["./a/b"], [/* 1 vars */])
                """);
    }

    @Test
    void without_a_path_dockers_is_searched() {
        search(Map.of(), "ls");
        assertThat(plan.build(3).toString().lines().map(line -> line.replaceAll(".*execve\\(\"([^\"]*)\".*", "$1")))
                .containsExactly(
                        "/usr/local/sbin/ls", "/usr/local/bin/ls", "/usr/sbin/ls", "/usr/bin/ls", "/sbin/ls", "/bin/ls",
                        "$6 = exit_group(127)");
    }

    /// As execvp(3) has it: an empty element is the working directory, which is the container's by then.
    @Test
    void an_empty_element_of_the_path_is_the_working_directory() {
        search(Map.of("PATH", ":/bin"), "x");
        assertThat(plan.build(3).toString()).startsWith("$0 = execve(\"./x\"");
    }

    @Test
    void variables_keep_their_order() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("Z", "1");
        variables.put("A", "x=y");
        variables.put("EMPTY", "");
        search(variables, "/x");
        Step.Call execve = (Step.Call) plan.build(3).steps().get(0);
        Arg.Strings envp = (Arg.Strings) execve.call().args().get(2);
        assertThat(envp.values()).map(String::new).containsExactly("Z=1", "A=x=y", "EMPTY=");
    }

    @Test
    void variables_may_be_secret_and_are_not_printed() {
        search(Map.of("SECRET", "s3cr3t"), "/x");
        assertThat(plan.build(3).toString()).contains("[/* 1 vars */]").doesNotContain("SECRET", "s3cr3t");
    }

    @Test
    void names_that_no_environment_can_hold_are_refused() {
        for (String name : new String[] {"", "A=B", "A\0B", "="}) {
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> Environment.of(Map.of(name, "x")));
        }
    }

    @Test
    void an_environment_does_not_follow_changes_of_its_source() {
        Map<String, String> variables = new LinkedHashMap<>(Map.of("A", "1"));
        Environment environment = Environment.of(variables);
        variables.put("A", "2");
        assertThat(environment.get("A")).isEqualTo("1");
        assertThat(environment.get("B")).isNull();
    }

    @Test
    void there_must_be_a_command() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Command(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Command(List.of("", "x")));
        assertThat(new Command(List.of("x", "")).words()).containsExactly("x", "");
    }

    private void search(Map<String, String> variables, String... words) {
        CommandSearch.lower(plan, new Command(List.of(words)), Environment.of(variables));
    }
}
