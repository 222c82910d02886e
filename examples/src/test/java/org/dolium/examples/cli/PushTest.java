// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.testing.DockerRegistry;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `dolium push` to the registry that the distribution project writes, where skopeo finds the image.
@Timeout(600)
class PushTest {
    @TempDir
    Path directory;

    private Path archive;

    /// An archive as another tool writes it.
    @BeforeEach
    void make() throws Exception {
        Path layout = ImageFiles.layout(directory, ImageFiles.architecture(), "'Cmd':['echo','pushed'],'Labels':{'a':'b'}");
        archive = directory.resolve("tiny.tar");
        run(MustRun.program("skopeo"), "copy", "-q", "--insecure-policy", "oci:" + layout + ":tiny", "docker-archive:" + archive + ":tiny:1");
        ok("load", "-i", archive.toString());
    }

    private static String run(String... command) throws Exception {
        return run(new ProcessBuilder(command));
    }

    private static String run(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private String[] line(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of(command, "--store", directory.resolve("store").toString()));
        line.addAll(List.of(arguments));
        return line.toArray(new String[0]);
    }

    private String ok(String command, String... arguments) {
        CommandLineRun run = CommandLineRun.here(line(command, arguments));
        assertThat(run).extracting(CommandLineRun::status, CommandLineRun::err).containsExactly(0, "");
        return run.out();
    }

    private static String skopeo(String name, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program("skopeo"), "inspect", "--tls-verify=false"));
        command.addAll(List.of(options));
        command.add("docker://" + name);
        return run(command.toArray(new String[0]));
    }

    /// What push prints of one layer.
    private static String expected(String name, String layer) {
        int tag = name.lastIndexOf(':');
        return "The push refers to repository \\[" + name.substring(0, tag) + "]\n[0-9a-f]{12}: " + layer + "\n"
                + name.substring(tag + 1) + ": digest: sha256:[0-9a-f]{64} size: [0-9]+\n";
    }

    @Test
    void what_is_loaded_is_tagged_pushed_and_seen_by_skopeo() throws Exception {
        try (DockerRegistry registry = DockerRegistry.empty(directory.resolve("registry"))) {
            String name = registry.host() + "/a/tiny:1";
            ok("tag", "tiny:1", name);
            String first = ok("push", name);
            assertThat(first).matches(expected(name, "Pushed"));
            String seen = skopeo(name);
            assertThat(seen).contains("\"a\": \"b\"").contains(first.replaceAll("(?s).*digest: (\\S+) .*", "\"Digest\": \"$1\""));
            assertThat(first).endsWith(" size: " + skopeo(name, "--raw").getBytes(StandardCharsets.UTF_8).length + "\n");
            assertThat(ok("push", name)).isEqualTo(first.replace("Pushed", "Layer already exists"));

            String other = registry.host() + "/b/tiny:2";
            ok("tag", "tiny:1", other);
            assertThat(ok("push", other)).matches(expected(other, "Mounted from a/tiny"));
            assertThat(skopeo(other)).contains("\"a\": \"b\"");
            ok("rmi", "tiny:1", name, other);
            assertThat(CommandLineRun.output("--store", directory.resolve("store").toString(), other)).isEqualTo("pushed\n");
        }
    }

    @Test
    void the_password_is_in_config_json() throws Exception {
        try (DockerRegistry registry = DockerRegistry.withPassword(directory.resolve("registry"))) {
            String name = registry.host() + "/a/tiny:1";
            ok("tag", "tiny:1", name);
            Path docker = Files.createDirectories(directory.resolve("home/.docker"));
            assertThat(dolium(docker, line("push", name))).satisfies(run -> {
                assertThat(run.status()).isEqualTo(125);
                assertThat(run.err()).startsWith("dolium: ").contains("401");
            });
            Files.writeString(docker.resolve("config.json"), "{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"bWU6czNjcmV0\"}}}");
            CommandLineRun pushed = dolium(docker, line("push", name));
            assertThat(pushed.err()).isEmpty();
            assertThat(pushed.out()).matches(expected(name, "Pushed"));
            assertThat(skopeo(name, "--creds=me:s3cret")).contains("\"a\": \"b\"");
            // pull and run have it from there, too
            ok("rmi", "tiny:1", name);
            assertThat(dolium(docker, line("pull", "-q", name))).isEqualTo(new CommandLineRun(0, name + "\n", ""));
            ok("rmi", name);
            assertThat(dolium(docker, line("run", name)).out()).isEqualTo("pushed\n");
        }
    }

    private static CommandLineRun dolium(Path docker, String... arguments) throws IOException, InterruptedException {
        return CommandLineRun.of(docker.getParent(), Map.of(), arguments);
    }

    @Test
    void what_has_no_name_that_says_where_is_not_pushed() {
        String id = ok("images", "-q").strip();
        assertThat(CommandLineRun.here(line("push", id)).err()).contains("an image is pushed by its name: '" + id + "' is none");
        assertThat(CommandLineRun.here(line("push", "none:1")).err()).isEqualTo("dolium: no such image: none:1\n");
    }
}
