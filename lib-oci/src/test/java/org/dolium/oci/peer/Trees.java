// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.dolium.testing.MustRun;

/// All that trees of files have, as Python sees it: type, mode, owner, time, device, content, links, extended attributes.
final class Trees {
    private static final String LIST = """
            import hashlib, os, stat, sys
            root = sys.argv[1].encode()
            first = {}
            def show(path, name):
                s = os.lstat(path)
                content = ''
                if stat.S_ISREG(s.st_mode):
                    with open(path, 'rb') as f: content = str(s.st_size) + ' ' + hashlib.file_digest(f, 'sha256').hexdigest()
                elif stat.S_ISLNK(s.st_mode): content = ascii(os.readlink(path))
                names = sorted(os.listxattr(path, follow_symlinks=False))
                xattrs = [(n, os.getxattr(path, n, follow_symlinks=False).hex()) for n in names]
                inode = '' if stat.S_ISDIR(s.st_mode) else ascii(first.setdefault((s.st_dev, s.st_ino), name))
                print(ascii(name)[2:-1], oct(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns, s.st_rdev, inode, content, xattrs, sep='\\t')
            show(root, b'')
            for directory, directories, files in os.walk(root):
                directories.sort()
                for name in sorted(directories + files):
                    path = os.path.join(directory, name)
                    show(path, path[len(root) + 1:])
            """;

    private Trees() {}

    private static final String MOUNT = "mount -t overlay none -o \"ro,lowerdir=$0\" \"$1\" && shift && exec \"$@\"";

    /// A line for each path.
    static Map<String, String> of(Path root) throws IOException, InterruptedException {
        return list(List.of(MustRun.program("python3"), "-c", LIST, root.toString()));
    }

    /// What is seen where overlayfs mounts directories over each other, the uppermost first, in a mount namespace of its own.
    static Map<String, String> merged(List<Path> layers, Path mount) throws IOException, InterruptedException {
        String lower = String.join(":", layers.stream().map(Path::toString).toList());
        return list(List.of(MustRun.program("unshare"), "--mount", "sh", "-ec", MOUNT, lower, mount.toString(), MustRun.program("python3"),
                "-c", LIST, mount.toString()));
    }

    private static Map<String, String> list(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).as(output).isZero();
        Map<String, String> lines = new TreeMap<>();
        for (String line : output.lines().toList()) {
            int tab = line.indexOf('\t');
            lines.put(line.substring(0, tab), line.substring(tab + 1));
        }
        return lines;
    }

    /// Fails with the paths that differ, a few of them.
    static void assertSame(Map<String, String> ours, Map<String, String> theirs) {
        StringBuilder differences = new StringBuilder();
        TreeSet<String> paths = new TreeSet<>(ours.keySet());
        paths.addAll(theirs.keySet());
        int count = 0;
        for (String path : paths) {
            if (!String.valueOf(ours.get(path)).equals(theirs.get(path)) && ++count <= 20) {
                differences.append("'").append(path).append("'\n  ours   ").append(ours.get(path)).append("\n  theirs ")
                        .append(theirs.get(path)).append('\n');
            }
        }
        assertThat(count).as("differences\n" + differences).isZero();
    }
}
