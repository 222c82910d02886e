// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Texts of files that real kernels gave, by the name of the file.
public final class Texts {
    private Texts() {}

    /// @param name of a resource: lines `=== FILE`, and after each the text of that file
    public static Map<String, String> of(String name) throws IOException {
        try (InputStream resource = Texts.class.getResourceAsStream("/figures/" + name)) {
            Map<String, String> texts = new HashMap<>();
            for (String part : new String(resource.readAllBytes(), StandardCharsets.UTF_8).split("=== ", -1)) {
                int end = part.indexOf('\n');
                if (end > 0) {
                    texts.put(part.substring(0, end), part.substring(end + 1));
                }
            }
            return texts;
        }
    }
}
