// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.MustRun;

/// The JSON schemas of the image specification, as Debian packages them (`golang-github-opencontainers-image-spec-dev`), to Debian's
/// `python3-jsonschema`.
public final class Schemas {
    private static final Path SCHEMAS = Path.of("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema");
    private static final String VALIDATE = """
            import json, sys, os, jsonschema
            directory, name, document = sys.argv[1:]
            load = lambda file: json.load(open(os.path.join(directory, os.path.basename(file))))
            class Local(jsonschema.RefResolver):
                def resolve_remote(self, uri): return load(uri)
            schema = load(name)
            resolver = Local.from_schema(schema)
            jsonschema.Draft4Validator(schema, resolver=resolver).validate(json.load(open(document)))
            """;

    private Schemas() {}

    /// The exit status: 0 for valid.
    ///
    /// @param directory for a file
    public static int validate(Path directory, String schema, byte[] document) throws Exception {
        MustRun.require(Files.isDirectory(SCHEMAS), "the schemas of the image specification");
        Path file = Files.write(directory.resolve("document.json"), document);
        Process python = new ProcessBuilder(
                        MustRun.program("python3"), "-W", "ignore", "-c", VALIDATE, SCHEMAS.toString(), schema, file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = python.waitFor();
        assertThat(output).satisfiesAnyOf(text -> assertThat(text).isEmpty(), text -> assertThat(text).contains("ValidationError"));
        return status;
    }
}
