// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dolium.oci.registry.Credentials.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {
    /// What a helper may see; the last four are the shell's own.
    private static final Set<String> PASSED = Set.of("HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR",
            "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "GNUPGHOME",
            "GPG_TTY", "PASSWORD_STORE_DIR", "PWD", "OLDPWD", "SHLVL", "_");

    @TempDir
    Path directory;

    private DockerConfig config(String json) throws IOException {
        Path file = Files.writeString(directory.resolve("config.json"), json.replace('\'', '"'));
        return DockerConfig.read(file, List.of(directory));
    }

    private static String auth(String pair) {
        return "{'auth':'" + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)) + "'}";
    }

    private void helper(String name, String script) throws IOException {
        Path file = Files.writeString(directory.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://index.docker.io/v1/, docker.io", "x.y:5000, x.y:5000", "https://x.y/v1/, x.y", "http://x.y, x.y", "x.y/v2/, x.y",
        "[::1]:5, [::1]:5"
    })
    void passwords_in_the_file_are_found(String key, String registry) throws IOException {
        DockerConfig config = config("{'auths':{'other':{},'" + key + "':" + auth("me:a:b") + "},'HttpHeaders':{}}");
        assertThat(config.find(registry)).contains(Credentials.of("me", "a:b"));
        assertThat(config.find("else.where")).isEmpty();
        assertThat(config.find("other")).isEmpty();
    }

    @Test
    void tokens_in_the_file_are_found() throws IOException {
        DockerConfig config = config("{'auths':{'a':{'identitytoken':'i'},'b':{'registrytoken':'r'},"
                + "'c':{'username':'u','password':'p'}}}");
        assertThat(config.find("a")).contains(new Credentials("", "i", Kind.IDENTITY_TOKEN));
        assertThat(config.find("b")).contains(new Credentials("", "r", Kind.BEARER_TOKEN));
        assertThat(config.find("c")).contains(Credentials.of("u", "p"));
        assertThat(config("{}").find("a")).isEmpty();
    }

    @Test
    void programs_are_asked_for_the_registry() throws IOException {
        helper("one", "[ \"$1\" = get ] && [ \"$PWD\" = / ] && read -r server; echo '{\"ServerURL\":\"x\",\"Username\":\"one\",\"Secret\":\"'$server'\"}'");
        helper("all", "read -r server; echo '{\"Username\":\"<token>\",\"Secret\":\"'$server'\"}'");
        helper("none", "echo 'credentials not found in native keychain'; exit 1");
        helper("bad", "echo 's3cret and more' >&2; echo s3cret; exit 1");
        DockerConfig config = config("{'credHelpers':{'x.y:1':'one','n.n':'none','b.b':'bad','g.g':'gone'},'credsStore':'all',"
                + "'auths':{'x.y:1':" + auth("file:file") + "}}");
        assertThat(config.find("x.y:1")).contains(Credentials.of("one", "x.y:1"));
        assertThat(config.find("docker.io")).contains(new Credentials("", "https://index.docker.io/v1/", Kind.IDENTITY_TOKEN));
        assertThat(config.find("n.n")).isEmpty();
        assertThatThrownBy(() -> config.find("b.b")).hasMessageEndingWith("failed with status 1");
        assertThatThrownBy(() -> config.find("g.g")).hasMessageContaining("there is no program docker-credential-gone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a;b", "a b", "", "/bin/sh", "a\\nb", "$(id)", "-x", ".", "é"})
    void R_14_a_helper_has_a_plain_name(String name) throws IOException {
        Files.createDirectories(directory.resolve("docker-credential-.."));
        helper("x", "touch " + directory.resolve("ran"));
        DockerConfig config = config("{'credHelpers':{'x.y':'" + name + "'}}");
        if (name.isEmpty()) {
            assertThat(config.find("x.y")).isEmpty();
        } else {
            assertThatThrownBy(() -> config.find("x.y")).hasMessageContaining("is no name of a credential helper");
        }
        assertThat(directory.resolve("ran")).doesNotExist();
    }

    @Test
    void R_14_a_helper_is_told_one_line_and_may_say_only_so_much() throws IOException {
        helper("all", "yes");
        DockerConfig config = config("{'credsStore':'all'}");
        for (String registry : List.of("a\nb", "a b", "")) {
            assertThatThrownBy(() -> config.find(registry)).isInstanceOf(IOException.class).hasMessageContaining("is no name of a registry");
        }
        long begun = System.nanoTime();
        assertThatThrownBy(() -> config.find("x.y")).isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        helper("all", "echo '{\"Username\":\"a\\r\\nX: y\",\"Secret\":\"s3cret\"}'");
        assertThatThrownBy(() -> config.find("x.y")).hasMessageNotContaining("s3cret").isInstanceOf(IOException.class);
    }

    @Test
    void J_06_a_helper_has_a_clean_surrounding() throws IOException {
        Path seen = directory.resolve("seen");
        helper("all", "{ pwd; echo; env; echo; ls -l /proc/self/fd; } > " + seen + "; echo '{\"Username\":\"u\",\"Secret\":\"p\"}'");
        assertThat(config("{'credsStore':'all'}").find("x.y")).contains(Credentials.of("u", "p"));
        String[] parts = Files.readString(seen).split("\n\n");
        assertThat(parts[0]).isEqualTo("/");
        assertThat(System.getenv().keySet()).as("the control: there is something to leave out").anyMatch(name -> !PASSED.contains(name));
        assertThat(parts[1].lines().map(line -> line.substring(0, line.indexOf('=')))).contains("PATH").isSubsetOf(PASSED);
        assertThat(parts[2].lines().filter(line -> line.contains(" -> ")).map(line -> line.replaceAll(".* ([0-9]+) -> .*", "$1")))
                .contains("0", "1", "2").isSubsetOf("0", "1", "2", "3"); // the last is what ls reads
    }

    @Test
    void J_06_a_helper_that_ends_without_reading_is_judged_by_its_status() throws IOException {
        helper("all", "exec <&-; exit 3");
        assertThatThrownBy(() -> config("{'credsStore':'all'}").find("x.y")).hasMessageEndingWith("failed with status 3");
    }

    @Test
    void R_14_programs_are_looked_for_only_where_they_may_be() {
        assertThatThrownBy(() -> DockerConfig.read(directory.resolve("x"), List.of(Path.of("bin")))).isInstanceOf(Exception.class);
        assertThatThrownBy(() -> config("{'credsStore':'x'}").find("a")).hasMessageContaining("there is no program");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[]", "{'auths':[]}", "{'auths':{'x.y':1}}", "{'auths':{'x.y':{'auth':'%%'}}}", "{'auths':{'x.y':{'auth':'YQ=='}}}",
        "{'credsStore':1}", "{'credHelpers':{'x.y':1}}", "{'auths':{},'auths':{}}", ""
    })
    void what_is_no_configuration_is_refused(String json) {
        assertThatThrownBy(() -> config(json).find("x.y")).isInstanceOf(IOException.class);
    }

    @Test
    void secrets_are_not_printed() {
        assertThat(Optional.of(Credentials.of("me", "s3cret")).toString()).doesNotContain("s3cret", "me");
    }
}
