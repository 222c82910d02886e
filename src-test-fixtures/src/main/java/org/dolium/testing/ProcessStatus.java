// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The fields of a `/proc/PID/status`; see proc(5).
public record ProcessStatus(Map<String, String> fields) {

    public static ProcessStatus self() {
        return of("self");
    }

    public static ProcessStatus of(String pid) {
        try {
            return parse(Files.readString(Path.of("/proc", pid, "status"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads the text of such a file, for instance as a container printed it.
    public static ProcessStatus parse(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
        return new ProcessStatus(fields);
    }

    public String field(String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new AssertionError("no field " + name + " in " + fields);
        }
        return value;
    }

    public long effectiveUid() {
        return Long.parseLong(field("Uid").split("\\s+", -1)[1]);
    }

    /// A hexadecimal field such as `CapEff` or `SigBlk`.
    public long mask(String name) {
        return Long.parseUnsignedLong(field(name), 16);
    }
}
