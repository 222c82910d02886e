// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.testing.MustRun;

/// The numbers in the kernel's headers, as Debian's package linux-libc-dev installs them.
public final class KernelHeaders {
    private static final Path INCLUDE = Path.of("/usr/include");
    private static final Pattern DEFINE = Pattern.compile("#define\\s+(\\w+)\\s+(\\w+)\\b.*");

    private KernelHeaders() {}

    /// Every `#define NAME NUMBER` and `#define NAME OTHER_NAME` of the files.
    public static Map<String, Integer> defines(String... files) throws IOException {
        Map<String, String> texts = new HashMap<>();
        for (String file : files) {
            MustRun.require(Files.isReadable(INCLUDE.resolve(file)), "the kernel header " + file);
            for (String line : Files.readAllLines(INCLUDE.resolve(file))) {
                Matcher define = DEFINE.matcher(line);
                if (define.matches()) {
                    texts.putIfAbsent(define.group(1), define.group(2));
                }
            }
        }
        Map<String, Integer> numbers = new HashMap<>();
        for (String name : texts.keySet()) {
            String value = name;
            while (texts.containsKey(value)) {
                value = texts.get(value);
            }
            if (value.matches("\\d+")) {
                numbers.put(name, Integer.parseInt(value));
            }
        }
        return numbers;
    }
}
