// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.MustRun;

/// Trees that Python makes at random, and what Python sees in trees: nothing of ours.
final class PythonTree {
    /// Names are any bytes; what a plain user can't make is left out for one.
    private static final String MAKE = """
            import os, random, stat, sys, socket
            root, seed, kind = os.fsencode(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
            r, me = random.Random(seed), os.geteuid()
            prefix = b'trusted.overlay.' if me == 0 else b'user.overlay.'
            files, dirs, late = [], [(root, 0, False)], [] # a directory is in an opaque one or not
            def name():
                n = r.choice([1, 3, 8, 8, 40, 101, 255])
                b = bytes(r.choice(b'abcXYZ .-_\\xc3\\xa4\\xff\\n\\\\"*' if r.random() < .5 else b'abcdef') for _ in range(n))
                return b if b not in (b'.', b'..') and not b.startswith(b'.wh.') else b'x'
            def attributes(p, links=True):
                if me == 0:
                    os.chown(p, r.choice([0, 1, 1000, 65534, 2097152, 4294967294]), r.choice([0, 5, 100000, 3000000000]), follow_symlinks=False)
                elif not os.path.islink(p) and r.random() < .3 and stat.S_IMODE(os.lstat(p).st_mode) and (os.path.isfile(p) or os.path.isdir(p)):
                    u, g = r.randrange(1, 70000), r.randrange(1, 70000)
                    def n(f, v):
                        o = bytes([f << 3])
                        while v > 127: o += bytes([v & 127 | 128]); v >>= 7
                        return o + bytes([v])
                    os.setxattr(p, 'user.rootlesscontainers', n(1, u) + n(2, g))
                if not os.path.islink(p):
                    if os.path.isfile(p) or os.path.isdir(p):
                        for i in range(r.choice([0, 0, 0, 1, 3])):
                            os.setxattr(p, 'user.' + r.choice(['a', 'b%c', 'long' * 20]), bytes(r.randrange(256) for _ in range(r.choice([0, 1, 300]))))
                        if me == 0 and os.path.isfile(p) and r.random() < .2:
                            os.setxattr(p, 'security.capability', bytes.fromhex('0000000200200000000000000000000000000000'))
                    os.chmod(p, r.choice([0o644, 0o755, 0o4755, 0o2711, 0o1777, 0o600] + ([0, 0o200] if not os.path.isdir(p) else [0o500, 0o300, 0])))
                t = r.choice([0, -5 * 10**9 - 3, 1234567890123456789, 1700000000 * 10**9, 10**9 * 2**34, 1])
                os.utime(p, ns=(t, t), follow_symlinks=False)
            for i in range(r.choice([5, 40, 120])):
                d, depth, hidden = r.choice(dirs)
                p = os.path.join(d, name())
                if os.path.lexists(p): continue
                what = r.random()
                try:
                    if what < .3 and depth < 12:
                        os.mkdir(p)
                        opaque = kind == 'upper' and r.random() < .2
                        if opaque: os.setxattr(p, prefix + b'opaque', b'y')
                        dirs.append((p, depth + 1, hidden or opaque))
                    elif what < .55:
                        with open(p, 'wb') as f: f.write(os.urandom(1) * r.choice([0, 1, 511, 512, 513, 5000, 300000]))
                        files.append(p)
                    elif what < .62:
                        with open(p, 'wb') as f:
                            for _ in range(r.choice([1, 4])): f.seek(r.choice([1, 4096, 3000000]), 1); f.write(b'data' * r.choice([1, 3000]))
                            f.truncate(f.tell() + r.choice([0, 2000000]))
                        files.append(p)
                    elif what < .75 and files:
                        os.link(r.choice(files), p); continue
                    elif what < .85: os.symlink(name() + r.choice([b'', b'/x' * 60, b'/..' * 300]), p)
                    elif what < .9: os.mkfifo(p)
                    elif what < .93:
                        if kind == 'upper' and not hidden: os.mknod(p, stat.S_IFCHR | 0, 0)
                        continue
                    elif what < .95 and me == 0: os.mknod(p, stat.S_IFBLK | 0o600, os.makedev(259, 300000))
                    elif what < .97 and me == 0: os.mknod(p, stat.S_IFCHR | 0o600, os.makedev(1, 3))
                    else: continue
                except OSError as e:
                    if e.errno != 36: raise
                    continue
                late.append(p)
            for p in sorted(late, key=len, reverse=True): attributes(p)
            """;

    private static final String SEE = """
            import hashlib, os, stat, sys
            root, me = os.fsencode(sys.argv[1]), os.geteuid()
            first, out = {}, []
            def see(p, rel):
                s = os.lstat(p)
                if stat.S_ISSOCK(s.st_mode): return
                if stat.S_ISCHR(s.st_mode) and s.st_rdev == 0: out.append((rel, 'removed')); return
                mode = stat.S_IMODE(s.st_mode)
                if me and not stat.S_ISLNK(s.st_mode): os.chmod(p, mode | 0o700)
                body = os.readlink(p) if stat.S_ISLNK(s.st_mode) else hashlib.sha256(open(p, 'rb').read()).hexdigest() if stat.S_ISREG(s.st_mode) else ''
                xs = sorted((n, os.getxattr(p, n, follow_symlinks=False).hex()) for n in os.listxattr(p, follow_symlinks=False) if me or not n.startswith('user.overlay.'))
                same = first.setdefault(s.st_ino, rel) if stat.S_ISREG(s.st_mode) else rel
                if rel != b'.': out.append((rel, stat.S_IFMT(s.st_mode), oct(mode), s.st_uid, s.st_gid, s.st_mtime_ns if rel != b'.' else 0,
                            s.st_size if stat.S_ISREG(s.st_mode) else 0, s.st_rdev, body, xs, same))
                if stat.S_ISDIR(s.st_mode):
                    for n in sorted(os.listdir(p)): see(os.path.join(p, n), n if rel == b'.' else rel + b'/' + n)
                if me and not stat.S_ISLNK(s.st_mode): os.chmod(p, mode)
            see(root, b'.')
            for o in out: print(ascii(o))
            """;

    private PythonTree() {}

    /// @param kind `upper`, with removals as overlayfs has them, or `plain`
    static void make(Path root, long seed, String kind) throws Exception {
        assertThat(python(MAKE, root.toString(), Long.toString(seed), kind)).isEmpty();
    }

    /// A line for everything in it, except sockets and the root itself.
    static List<String> see(Path root) throws Exception {
        return python(SEE, root.toString()).lines().toList();
    }

    /// Fails with what differs alone.
    static void assertSame(List<String> actual, List<String> expected, String what) {
        List<String> more = new ArrayList<>(actual);
        more.removeAll(expected);
        List<String> less = new ArrayList<>(expected);
        less.removeAll(actual);
        assertThat(more.stream().limit(1).toList()).as(what + ", the first of " + more.size()).isEqualTo(less.stream().limit(1).toList());
        assertThat(actual).hasSameSizeAs(expected);
    }

    static String python(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program("python3"), "-c", program));
        command.addAll(List.of(arguments));
        return run(command.toArray(new String[0]));
    }

    /// The output of a program that succeeds.
    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
