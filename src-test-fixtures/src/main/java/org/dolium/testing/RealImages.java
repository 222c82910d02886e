// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Images of a Debian with Python and GCC that umoci, skopeo and buildah have made. `src-test-fixtures/images/build` says what there is;
/// they are made at first use, in two minutes on a machine with two idle processors, and kept in `/var/cache/dolium-test-images`.
public final class RealImages {
    /// Where they are, said to a JVM of another user, which can't make them.
    static final String GIVEN = "dolium.realImages";

    private static final List<String> PROGRAMS =
            List.of("debootstrap", "umoci", "skopeo", "buildah", "docker-registry", "python3", "setcap", "unshare", "flock");

    private RealImages() {}

    /// The directory with the images. Nothing in it may be changed.
    public static synchronized Path directory() throws IOException, InterruptedException {
        String given = System.getProperty(GIVEN);
        if (given != null && !given.isEmpty()) {
            return Path.of(given);
        }
        MustRun.root();
        for (String program : PROGRAMS) {
            MustRun.program(program);
        }
        Path script = Path.of(System.getProperty("project.root"), "src-test-fixtures", "images", "images");
        Path errors = Files.createTempFile("real-images-", "");
        try {
            Process process = new ProcessBuilder(script.toString()).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            MustRun.require(status == 0, "real images: " + Files.readString(errors));
            System.setProperty(GIVEN, output);
            return Path.of(output);
        } finally {
            Files.delete(errors);
        }
    }
}
