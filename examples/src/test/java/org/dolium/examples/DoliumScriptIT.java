// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dolium.examples.cli.ImageFiles;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.testing.DockerRegistry;
import org.dolium.testing.MustRun;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `dolium` script, from a copy of what was built: it starts without building again, for root and for a plain user.
@Tag("kernel")
class DoliumScriptIT {
    private static Path home;

    @TempDir
    Path directory;

    @BeforeAll
    static void copy() throws IOException {
        home = ScriptCopy.make();
    }

    @AfterAll
    static void delete() throws IOException {
        ScriptCopy.delete(home);
    }

    private static ProcessBuilder dolium(String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("dolium").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static ProcessBuilder shell(String script) {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("DOLIUM", home.resolve("dolium").toString());
        return builder;
    }

    private static void assertReadmeCommand(Packaged.Output output) {
        assertThat(output.err()).isEmpty();
        assertThat(output.status()).isZero();
        List<String> lines = output.out().lines().toList();
        assertThat(lines.get(0)).startsWith("uid=0(root) gid=0(root)");
        assertThat(lines.get(1)).isEqualTo("dolium");
        assertThat(lines.get(2)).matches(" *PID TTY +STAT +TIME COMMAND");
        assertThat(lines.get(3)).matches(" *1 \\?.* sh -c id; hostname; ps ax");
        assertThat(lines).hasSize(5);
    }

    @Test
    void the_first_command_of_the_readme_works_as_root() throws Exception {
        MustRun.root();
        assertReadmeCommand(Packaged.run(dolium("run", "--", "sh", "-c", "id; hostname; ps ax")));
        // the class cache was made on the way; with it
        assertThat(home.resolve("examples/target/dolium.aot")).isNotEmptyFile();
        assertReadmeCommand(Packaged.run(dolium("run", "--", "sh", "-c", "id; hostname; ps ax")));
    }

    @Test
    void the_first_command_of_the_readme_works_as_a_plain_user() throws Exception {
        MustRun.root();
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("setpriv"), "--reuid", "" + PlainUser.UID, "--regid", "" + PlainUser.UID,
                "--clear-groups", "--inh-caps=-all"));
        command.addAll(dolium("run", "--", "sh", "-c", "id; hostname; ps ax").command());
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        assertReadmeCommand(Packaged.run(builder));
    }

    /// Its library is loaded from the module path, without a warning.
    @Test
    void it_pulls_and_runs_an_image_in_zstd() throws Exception {
        Path store = directory.resolve("store");
        try (DockerRegistry registry = DockerRegistry.empty(directory.resolve("registry"))) {
            String name = registry.host() + "/a/tiny:zstd";
            registry.put(ImageFiles.layout(directory, ImageFiles.architecture(), "'Cmd':['echo','from zstd']"), name,
                    "--dest-compress", "--dest-compress-format", "zstd");
            Process skopeo = new ProcessBuilder(
                    MustRun.program("skopeo"), "inspect", "--raw", "--tls-verify=false", "docker://" + name).start();
            assertThat(new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains(".tar+zstd\"");
            assertThat(Packaged.run(dolium("pull", "-q", "--store", store.toString(), name)))
                    .isEqualTo(new Packaged.Output(0, name + "\n", ""));
            assertThat(Packaged.run(dolium("run", "--store", store.toString(), name)))
                    .isEqualTo(new Packaged.Output(0, "from zstd\n", ""));
        } finally {
            LayerUnpack.remove(store);
        }
    }

    @Test
    void it_works_through_a_link_from_anywhere_and_passes_the_status_on() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), home.resolve("dolium"));
        Path relative = Files.createSymbolicLink(directory.resolve("relative"), Path.of("link"));
        assertThat(Files.isSymbolicLink(link) && Files.exists(relative, LinkOption.NOFOLLOW_LINKS)).isTrue();
        ProcessBuilder builder = dolium("run", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        builder.command().set(0, "./relative");
        assertThat(Packaged.run(builder.directory(directory.toFile())))
                .isEqualTo(new Packaged.Output(7, "out\n", "err\n"));
    }

    @Test
    void arguments_are_the_same_bytes_in_every_locale() throws Exception {
        String text = "\u00fcn\u00efc\u00f8d\u00e9 \u2603";
        String octal = "\\303\\274n\\303\\257c\\303\\270d\\303\\251 \\342\\230\\203";
        for (String locale : new String[] {"C", "C.UTF-8", "POSIX", "en_US"}) {
            ProcessBuilder builder = shell("$DOLIUM run -- printf '[%s]' \"$(printf '" + octal + "')\" '' 'a  b'");
            builder.environment().put("LC_ALL", locale);
            assertThat(Packaged.run(builder)).isEqualTo(new Packaged.Output(0, "[" + text + "][][a  b]", ""));
        }
    }

    @Test
    void closed_streams_do_not_become_files_of_the_jvm() throws Exception {
        assertThat(Packaged.run(shell("$DOLIUM run -- sh -c 'x=$(readlink /proc/$$/fd/0); echo $x' <&-")).out())
                .isEqualTo("/dev/null\n");
        assertThat(Packaged.run(shell("$DOLIUM run -- sh -c 'x=$(readlink /proc/$$/fd/1); echo $x >&2' >&-")).err())
                .isEqualTo("/dev/null\n");
        assertThat(Packaged.run(shell("$DOLIUM run -- sh -c 'x=$(readlink /proc/$$/fd/2); echo $x' 2>&-")).out())
                .isEqualTo("/dev/null\n");
    }

    @Test
    void without_proc_it_says_what_to_do() throws Exception {
        MustRun.root();
        ProcessBuilder builder = new ProcessBuilder(
                MustRun.program("unshare"), "--mount", "--propagation", "private", "sh", "-c",
                "umount -l /proc; exec " + home.resolve("dolium") + " doctor");
        assertThat(Packaged.run(builder)).isEqualTo(new Packaged.Output(125, "",
                "dolium: /proc is not mounted, and neither a JVM nor a container starts without it. As root:\n"
                        + "    mount -t proc proc /proc\n"));
    }

    @Test
    void the_doctor_exits_with_1_where_containers_do_not_start() throws Exception {
        MustRun.root();
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("unshare"), "--user", "--map-root-user", "sh", "-c",
                "echo 0 > /proc/sys/user/max_net_namespaces; exec \"$@\"", "sh"));
        command.addAll(dolium("doctor").command());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        Packaged.Output output = Packaged.run(builder);
        assertThat(output.status()).isEqualTo(1);
        assertThat(output.err()).isEmpty();
        assertThat(output.out())
                .startsWith("default container        missing  clone3(")
                .contains("    remedy: user.max_net_namespaces is 0: sudo sysctl -w user.max_net_namespaces=15000");
    }

    @Test
    void without_a_jdk_25_it_says_what_to_do() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Path script = directory.resolve("dolium");
        // a copy that does not look where JDKs usually are
        Files.writeString(
                script, Files.readString(home.resolve("dolium")).replace("/usr/lib/jvm/*", "").replace("/opt/", empty + "/"));
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString(), "run", "--", "true");
        builder.environment().keySet().removeAll(Set.of("DOLIUM_JAVA_HOME", "JAVA_HOME"));
        builder.environment().put("PATH", "/usr/bin:/bin");
        Packaged.Output output = Packaged.run(builder);
        assertThat(output.status()).isEqualTo(125);
        assertThat(output.err()).startsWith("dolium: no JDK 25 or newer was found").contains("DOLIUM_JAVA_HOME");
    }
}
