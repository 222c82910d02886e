// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A program in Python that makes raw system calls inside a container and prints for each what came of it.
public final class Inner {
    private static final String PROGRAM = """
            import ctypes, errno, os, platform, struct
            libc = ctypes.CDLL(None, use_errno=True)
            x86 = platform.machine() == 'x86_64'
            def call(name, numbers, *arguments):
                number = numbers if isinstance(numbers, int) else numbers[0 if x86 else 1]
                result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
                print(name, 'done' if result >= 0 else errno.errorcode.get(ctypes.get_errno(), ctypes.get_errno()), sep='\\t',
                    flush=True)
                return result
            def attempt(name, action):
                try: print(name, 'done', action(), sep='\\t', flush=True)
                except OSError as e: print(name, errno.errorcode[e.errno], sep='\\t', flush=True)
            """;

    private Inner() {}

    /// A command that runs `script`, which has `call(name, number or (x86-64, AArch64), arguments...)` and
    /// `attempt(name, function)`.
    public static List<String> command(String script) {
        return List.of("/usr/bin/python3", "-c", PROGRAM + script);
    }

    /// What came of each: `done`, or the name of an errno.
    public static Map<String, String> results(String output) {
        Map<String, String> results = new TreeMap<>();
        for (String line : output.split("\n", -1)) {
            String[] fields = line.split("\t", -1);
            if (fields.length > 1) {
                results.put(fields[0], fields[1]);
            }
        }
        return results;
    }
}
