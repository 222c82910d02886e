// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.oci.json.JsonFormat;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;

/// Reads and writes seccomp profiles as JSON, in Docker's format and in that of the OCI runtime specification
/// (`linux.seccomp`).
///
/// ```java
/// SeccompProfile profile = SeccompJson.read(Path.of("profile.json")).profile();
/// ContainerBuilder.create().rootfs(rootfs).seccomp(profile).command("true").run();
/// ```
///
/// Rules mean the same as elsewhere in Dolium: the last one that matches a call decides, all `args` of a rule must be
/// fulfilled, and arguments of which the kernel looks at 32 bits are compared in these. `includes` and `excludes` stay with
/// the rules, so that they count for the capabilities, the architecture and the kernel of each container. Numbers of no
/// known call and calls of 32-bit programs fail with `ENOSYS`, whatever the default action and the architectures are.
///
/// What can't be put in force is an error: `SCMP_ACT_NOTIFY` and `listenerPath`, which need a supervisor, flags other than
/// `SECCOMP_FILTER_FLAG_TSYNC`, and two comparisons of one argument in a rule, of which some runtimes take both and some one.
public final class SeccompJson {
    /// The largest profile that is read, in bytes.
    public static final int LIMIT = 1 << 20;

    private static final JsonFormat FORMAT = new JsonFormat("the seccomp profile", 16, 256, 4096, LIMIT);

    private SeccompJson() {}

    /// Reads a profile from a file.
    ///
    /// @throws IOException if the file can't be read, has more than [#LIMIT] bytes or is not UTF-8
    /// @throws IllegalArgumentException if it is no profile; the message names the place, as `$.syscalls[2].action`
    public static ParsedProfile read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LIMIT + 1);
        }
        if (bytes.length > LIMIT) {
            throw new IOException("the seccomp profile '" + file + "' is larger than 1 MiB");
        }
        try {
            return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            throw new IOException("the seccomp profile '" + file + "' is not UTF-8", e);
        }
    }

    /// Reads a profile from its text.
    ///
    /// @throws IllegalArgumentException if it is no profile or has more than [#LIMIT] characters
    public static ParsedProfile parse(String json) {
        if (json.length() > LIMIT) {
            throw new IllegalArgumentException("the seccomp profile is larger than 1 MiB");
        }
        return new ProfileReader().read(FORMAT.parse(json));
    }

    /// The profile in the form of the OCI runtime specification, for one target. What [#parse] makes of it is
    /// [SeccompProfile#at] that target.
    ///
    /// @throws IllegalArgumentException if the format can't say what the profile does
    public static String toOci(SeccompProfile profile, SeccompTarget target) {
        return ProfileWriter.oci(profile.at(target), target.arch());
    }

    /// The profile in Docker's form, with the conditions of its rules. What [#parse] makes of it is equal.
    ///
    /// @throws IllegalArgumentException if the format can't say what the profile does
    public static String toDocker(SeccompProfile profile) {
        return ProfileWriter.docker(profile);
    }
}
