// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.dolium.testing.MustRun;

/// Extended attributes as another program sees them.
final class Xattrs {
    private Xattrs() {}

    static TreeSet<String> list(Path file) throws IOException {
        TreeSet<String> names = new TreeSet<>(List.of(python(
                "import os,sys; print('\\n'.join(os.listxattr(sys.argv[1], follow_symlinks=False)))", file.toString()).split("\n")));
        names.remove("");
        return names;
    }

    static byte[] value(Path file, String name) throws IOException {
        return java.util.HexFormat.of().parseHex(python(
                "import os,sys; print(os.getxattr(sys.argv[1], sys.argv[2], follow_symlinks=False).hex())", file.toString(), name).strip());
    }

    /// Those of everything in a directory, with their values, by path.
    static java.util.Map<String, String> tree(Path root) throws IOException {
        String lines = python("""
                import os,sys
                root=sys.argv[1]
                def show(p):
                    x=sorted((n, os.getxattr(p, n, follow_symlinks=False).hex()) for n in os.listxattr(p, follow_symlinks=False))
                    if x: print(os.path.relpath(p, root) + '\\t' + str(x))
                for d,ds,fs in os.walk(root):
                    for n in ds+fs: show(os.path.join(d,n))
                """, root.toString());
        java.util.Map<String, String> found = new java.util.HashMap<>();
        for (String line : lines.lines().toList()) {
            found.put(line.split("\t")[0], line.split("\t")[1]);
        }
        return found;
    }

    private static String python(String program, String... arguments) throws IOException {
        java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of(MustRun.program("python3"), "-c", program));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
}
