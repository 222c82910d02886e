// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.dolium.linux.Errno;
import org.dolium.remedy.Hints;
import org.dolium.remedy.HostFiles;
import org.jspecify.annotations.Nullable;

/// Reads what explains a failure of a launch, after it happened. Makes no native call, so it also works where none does.
public final class ReadHostFiles {
    private static final int CHUNK = 1 << 16;

    private ReadHostFiles() {}

    /// What to do about a failed call on this host; empty if nothing is known.
    static String hint(String call, Errno errno) {
        return Hints.forCall(call, errno, Hints.dependsOnHost(call, errno) ? read() : HostFiles.NONE);
    }

    /// This host's files, as far as this user can read them.
    public static HostFiles read() {
        Map<String, String> texts = new HashMap<>();
        for (String path : HostFiles.paths()) {
            String text = text(path);
            if (text != null) {
                texts.put(path, text);
            }
        }
        putSameRoot(texts);
        Map<String, String> variables = new HashMap<>();
        for (String name : HostFiles.names()) {
            String value = System.getenv(name);
            if (value != null) {
                variables.put(name, value);
            }
        }
        return new HostFiles(texts, variables, java(), System.getProperty("user.name", ""));
    }

    /// A file's text; an empty one of a directory, or of a file that may not be read; null without a file.
    private static @Nullable String text(String name) {
        Path path = Path.of(name);
        if (!Files.exists(path)) {
            return null;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte[] bytes = new byte[CHUNK]; // large: the kernel's sysctl files give nothing to a second read
        try (FileInputStream in = new FileInputStream(name)) {
            int n = in.read(bytes);
            while (n > 0) {
                text.write(bytes, 0, n);
                n = in.read(bytes);
            }
        } catch (IOException e) {
            return "";
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /// Only root can tell.
    private static void putSameRoot(Map<String, String> texts) {
        try {
            texts.put(HostFiles.SAME_ROOT, "" + Files.isSameFile(Path.of("/proc/1/root/."), Path.of("/proc/self/root/.")));
        } catch (IOException e) {
            // another user's process
        }
    }

    private static String java() {
        try {
            return Path.of("/proc/self/exe").toRealPath().toString();
        } catch (IOException e) {
            return Path.of(System.getProperty("java.home", "/"), "bin", "java").toString();
        }
    }
}
