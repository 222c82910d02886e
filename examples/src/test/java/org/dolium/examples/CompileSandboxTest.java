// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.container.Result;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The compiler does its work and can do nothing else. Each "can't" has a control: the same thing outside works.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class CompileSandboxTest {
    private static final String SECRET = "int secret = 471100815;";

    @TempDir
    Path directory;

    private Path sources;
    private Path output;
    private Path secret;

    /// The JDK makes a descriptor at the first use of a socket, and keeps it.
    @BeforeAll
    static void firstSocket() throws IOException {
        new ServerSocket(0).close();
    }

    @BeforeEach
    void make() throws IOException {
        sources = Files.createDirectories(directory.resolve("sources"));
        output = Files.createDirectories(directory.resolve("output"));
        secret = Files.writeString(directory.resolve("secret.h"), SECRET + "\n");
    }

    private static String outside(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes());
        return process.waitFor() + " " + printed;
    }

    private Result inside(String script) throws Exception {
        return CompileSandbox.run(sources, output, List.of("bash", "-c", script));
    }

    @Test
    void a_java_source_tree_is_compiled() throws Exception {
        Files.createDirectories(sources.resolve("a/b"));
        Files.writeString(sources.resolve("a/Main.java"), """
                package a;
                public class Main {
                    public static void main(String[] args) { System.out.print(new a.b.Greeting("sandbox")); }
                }
                """);
        Files.writeString(sources.resolve("a/b/Greeting.java"), """
                package a.b;
                public record Greeting(String name) {}
                """);
        Result result = CompileSandbox.compileJava(sources, output);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.status().success()).isTrue();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        assertThat(outside(List.of(java, "-cp", output.toString(), "a.Main"))).isEqualTo("0 Greeting[name=sandbox]");
    }

    @Test
    void a_java_mistake_is_reported() throws Exception {
        Files.writeString(sources.resolve("Wrong.java"), "class Wrong { int x = \"\"; }\n");
        Result result = CompileSandbox.compileJava(sources, output);
        assertThat(result.status().shellCode()).isEqualTo(1);
        assertThat(result.stderr()).contains("/src/Wrong.java:1: error: incompatible types");
        assertThat(output).isEmptyDirectory();
    }

    @Test
    void a_c_source_tree_is_compiled() throws Exception {
        MustRun.program("gcc");
        Files.createDirectories(sources.resolve("lib"));
        Files.writeString(sources.resolve("lib/answer.h"), "int answer(void);\n");
        Files.writeString(sources.resolve("lib/answer.c"), "#include \"answer.h\"\nint answer(void) { return 42; }\n");
        Files.writeString(
                sources.resolve("main.c"),
                "#include <stdio.h>\n#include \"lib/answer.h\"\nint main(void) { printf(\"%d\", answer()); return 3; }\n");
        Result result = CompileSandbox.compileC(sources, output);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.status().success()).isTrue();
        assertThat(outside(List.of(output.resolve("program").toString()))).isEqualTo("3 42");
    }

    @Test
    void a_source_that_includes_a_file_of_the_host_does_not_get_it() throws Exception {
        MustRun.program("gcc");
        Path source = sources.resolve("spy.c");
        Files.writeString(source, "#include \"" + secret + "\"\nint main(void) { return secret != 471100815; }\n");
        Path control = directory.resolve("control");
        assertThat(outside(List.of("gcc", "-o", control.toString(), source.toString()))).isEqualTo("0 ");
        assertThat(outside(List.of(control.toString()))).isEqualTo("0 ");

        Result result = CompileSandbox.compileC(sources, output);
        assertThat(result.status().shellCode()).isEqualTo(1);
        assertThat(result.stderr())
                .contains("/src/spy.c:1:10: fatal error: " + secret + ": No such file or directory")
                .doesNotContain("471100815");
        assertThat(output).isEmptyDirectory();
    }

    @Test
    void nothing_of_the_host_is_there_but_programs() throws Exception {
        Result result = inside("ls /; ls -A /tmp /etc; cat " + secret + " /etc/passwd " + System.getProperty("user.dir")
                + "/pom.xml");
        assertThat(result.stdout().lines())
                .contains("src", "out", "usr", "proc", "dev", "tmp")
                .doesNotContain("home", "root", "var", "opt", "boot", "srv", "passwd", "shadow");
        assertThat(result.stdout()).doesNotContain("dolium", SECRET, "root:");
        assertThat(result.stderr().lines().filter(line -> line.contains("No such file or directory"))).hasSize(3);
    }

    @Test
    void sources_and_programs_cannot_be_changed() throws Exception {
        Path source = Files.writeString(sources.resolve("a.c"), "int a;\n");
        Result result = inside("echo x >> /src/a.c; echo x > /src/new; echo x > /usr/bin/new; echo x > /bin/new;"
                + " echo x > /out/result && echo written");
        assertThat(result.stderr().lines().filter(line -> line.endsWith("Read-only file system"))).hasSize(4);
        assertThat(result.stdout()).isEqualTo("written\n");
        assertThat(source).hasContent("int a;");
        assertThat(output.resolve("result")).hasContent("x");
        try (Stream<Path> made = Files.list(output)) {
            assertThat(made).hasSize(1);
        }
    }

    @Test
    void there_is_no_network() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String connect = "exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort() + " && echo connected";
            assertThat(outside(List.of("bash", "-c", connect))).isEqualTo("0 connected\n");
            Result result = inside(connect);
            assertThat(result.stdout()).isEmpty();
            assertThat(result.stderr()).contains("Address family not supported"); // no sockets for it, either
            Result interfaces = inside("tail -n +3 /proc/net/dev");
            assertThat(interfaces.stdout().lines()).allMatch(line -> line.strip().startsWith("lo:"));
        }
    }
}
