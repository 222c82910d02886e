// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageConfigTest {
    private static final String HEX = ImageDocumentTest.HEX;
    private static final String WHOLE = """
            {'created': '2024-05-01T12:00:00.500+02:00', 'author': 'me', 'architecture': 'arm64', 'os': 'linux',
             'os.version': '1', 'os.features': ['f'], 'variant': 'v8',
             'config': {'User': '1000:1000', 'ExposedPorts': {'80/tcp': {}, '443/tcp': {}}, 'Env': ['PATH=/bin', 'A='],
                        'Entrypoint': ['/init'], 'Cmd': ['run', ''], 'Volumes': {'/data': {}}, 'WorkingDir': '/w',
                        'Labels': {'z': '1', 'a': ''}, 'StopSignal': 'SIGINT', 'ArgsEscaped': true,
                        'Healthcheck': {'Test': ['CMD', 'true'], 'Interval': 1, 'Timeout': 2, 'StartPeriod': 3, 'StartInterval': 4,
                                        'Retries': 5, 'Other': 6},
                        'OnBuild': ['RUN x'], 'Shell': ['/bin/sh', '-c'], 'Memory': 7, 'Hostname': 'h'},
             'rootfs': {'type': 'layers', 'diff_ids': ['sha256:%1$s', 'sha256:%1$s'], 'other': 1},
             'history': [{'created': '2024-05-01T12:00:00Z', 'created_by': 'x', 'author': 'y', 'comment': 'z', 'empty_layer': true,
                          'other': []}, {}],
             'docker_version': '1', 'container_config': {'Env': null}}
            """.formatted(HEX);

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static ImageConfig parse(String more) {
        return ImageConfig.parse(bytes(json(more)));
    }

    private static String json(String more) {
        return "{'architecture': 'amd64', 'os': 'linux', 'rootfs': {'type': 'layers', 'diff_ids': []}" + more + "}";
    }

    private static void refused(String json, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageConfig.parse(bytes(json)))
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage()).startsWith("the image configuration").matches("[ -~]+"));
    }

    @Test
    void every_member_is_kept() throws IOException {
        ImageConfig config = ImageConfig.parse(bytes(WHOLE));
        assertThat(new JsonMapper().readTree(config.toJson())).isEqualTo(new JsonMapper().readTree(bytes(WHOLE)));
        assertThat(ImageConfig.parse(config.toJson())).isEqualTo(config);
        assertThat(config.command()).containsExactly("/init", "run", "");
        assertThat(config.config().exposedPorts()).containsExactly("80/tcp", "443/tcp");
        assertThat(config.diffIds()).hasSize(2);
    }

    @Test
    void null_and_absent_are_the_same() {
        ImageConfig absent = parse("");
        assertThat(parse(", 'config': null, 'history': null, 'created': null, 'variant': ''")).isEqualTo(absent);
        assertThat(parse(", 'config': {'Env': null, 'Cmd': null, 'User': '', 'Volumes': null, 'Healthcheck': null}"))
                .isEqualTo(absent);
        assertThat(parse(", 'config': {'Volumes': {'/x': null}}").config().volumes()).containsExactly("/x");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "'config': [], $.config is no object", "\"'config': {'Env': 'A=b'}\", $.config.Env is no array",
        "\"'config': {'Env': [1]}\", $.config.Env[0] is no string", "\"'config': {'Cmd': 'sh'}\", $.config.Cmd is no array",
        "\"'config': {'Volumes': ['/x']}\", $.config.Volumes is no object",
        "\"'config': {'Volumes': {'/x': 1}}\", $.config.Volumes./x is no empty object",
        "\"'config': {'Labels': {'a': {}}}\", $.config.Labels.a is no string", "'created': 'yesterday', $.created is 'yesterday'",
        "'created': 0, $.created is no string", "\"'config': {'env': []}\", \"has the key 'env', which some take for 'Env'\"",
        "\"'config': {'ArgsEscaped': 1}\", $.config.ArgsEscaped is neither true nor false",
        "\"'config': {'Healthcheck': {'Interval': -1}}\", $.config.Healthcheck.Interval is not from 0",
        "'history': {}, $.history is no array", "'history': [1], $.history[0] is no object",
        "\"'history': [{'empty_layer': 'no'}]\", $.history[0].empty_layer is neither",
    })
    void an_error_names_the_place(String more, String problem) {
        refused(json(", " + more), problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{}", "[]", "{'architecture': 'amd64', 'os': 'linux'}", "{'architecture': 'amd64', 'rootfs': {'type': 'layers'}}",
        "{'architecture': 'amd64', 'os': 'linux', 'rootfs': {'type': 'tree', 'diff_ids': []}}",
        "{'architecture': 'amd64', 'os': 'linux', 'rootfs': {'diff_ids': []}}",
        "{'architecture': 'amd64', 'os': 'linux', 'rootfs': {'type': 'layers', 'diff_ids': ['x']}}",
        "{'architecture': 'amd64', 'os': 'linux', 'rootfs': {'type': 'layers', 'diff_ids': ['md5:00']}}",
    })
    void what_is_no_configuration_is_refused(String json) {
        refused(json, "$");
    }

    @Test
    void I_09_nothing_is_cut_short_by_a_nul() {
        for (String key : List.of("Env", "Entrypoint", "Cmd", "Shell", "OnBuild")) {
            refused(json(", 'config': {'" + key + "': ['x', 'a\\u0000b']}"), "$.config." + key + "[1] has a NUL character");
        }
        for (String key : List.of("User", "WorkingDir", "StopSignal")) {
            refused(json(", 'config': {'" + key + "': 'a\\u0000b'}"), "$.config." + key + " has a NUL character");
        }
        refused(json(", 'config': {'Volumes': {'/a\\u0000b': {}}}"), "has a NUL character in its key");
        refused(json(", 'config': {'Healthcheck': {'Test': ['CMD', '\\u0000']}}"), "Healthcheck.Test[1] has a NUL");
    }

    @Test
    void I_09_arguments_and_environment_are_limited() {
        String words = String.join(", ", Collections.nCopies(100_001, "'x'"));
        refused(json(", 'config': {'Cmd': [" + words + "]}"), "$.config.Cmd has more than 100000 elements");
        String large = "'" + "x".repeat(1 << 20) + "'";
        assertThat(parse(", 'config': {'Cmd': [" + large + "]}").config().cmd()).hasSize(1);
        refused(json(", 'config': {'Cmd': [" + large + "], 'Env': [" + large + "]}"), "more than 2 MiB of arguments");
        refused(json(", 'config': {'Labels': {'a': '" + "x".repeat(ImageConfig.LIMIT) + "'}}"), "larger than");
    }

    @Test
    void I_10_a_configuration_for_another_platform_is_refused() {
        Platform here = Platform.parse("amd64");
        parse("").checkRunsOn(here);
        for (String other : List.of("'os': 'windows', 'architecture': 'amd64'", "'os': 'linux', 'architecture': 'arm64'",
                "'os': 'linux', 'architecture': ''", "'os': '', 'architecture': 'amd64'",
                "'os': 'linux', 'architecture': 'amd64', 'variant': 'v4'", "'os': 'linux', 'architecture': '386'")) {
            ImageConfig config = ImageConfig.parse(bytes("{" + other + ", 'rootfs': {'type': 'layers', 'diff_ids': []}}"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> config.checkRunsOn(here))
                    .withMessageStartingWith("the image says that it is for ");
        }
    }

    @Test
    void I_10_as_many_digests_as_layers() {
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, new byte[0]);
        Manifest one = Manifest.of(layer, List.of(layer));
        ImageConfig.of(Platform.parse("amd64"), List.of(layer.digest())).checkLayers(one);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageConfig.of(Platform.parse("amd64"), List.of()).checkLayers(one))
                .withMessage("the configuration has digests of 0 layers, the manifest has 1 layers");
    }

    /// Names of types and classes are members like others: they stay text.
    @Test
    void I_11_members_that_others_take_for_classes_are_only_kept() {
        String gadget = "'@type': 'javax.script.ScriptEngineManager', '@class': 'x', '!': ['java.net.URL', 'http://127.0.0.1:1/']";
        ImageConfig config = parse(", " + gadget + ", 'config': {" + gadget + "}");
        assertThat(config.more().get("@type")).isEqualTo("\"javax.script.ScriptEngineManager\"");
        assertThat(config.config().more().get("!")).isEqualTo("[\"java.net.URL\",\"http://127.0.0.1:1/\"]");
    }
}
