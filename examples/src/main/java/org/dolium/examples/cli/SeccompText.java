// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.seccomp.ParsedProfile;
import org.dolium.oci.seccomp.SeccompJson;
import org.dolium.seccomp.SeccompProfile;

/// `--security-opt seccomp=…`: a profile that Dolium brings, or a file in Docker's JSON format.
final class SeccompText {
    private SeccompText() {}

    /// The profile with this name, else that in this file.
    ///
    /// @param notes gets what a user should know about it
    static SeccompProfile profile(String text, List<String> notes) throws IOException {
        try {
            return SeccompProfile.parse(text);
        } catch (IllegalArgumentException e) {
            Path file = Path.of(text);
            if (!Files.exists(file)) {
                throw new IllegalArgumentException(e.getMessage() + ", and there is no such file", e);
            }
            return inFile(file, notes);
        }
    }

    private static SeccompProfile inFile(Path file, List<String> notes) throws IOException {
        ParsedProfile parsed = SeccompJson.read(file);
        if (!parsed.unknownCalls().isEmpty()) {
            notes.add("the seccomp profile '" + file + "' has names that are no system calls and have no effect: "
                    + String.join(" ", parsed.unknownCalls()));
        }
        return parsed.profile().named(String.valueOf(file.getFileName()));
    }
}
