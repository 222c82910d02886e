// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A tree outside of every root file system, and settings of the kernel, that no container may change or find; see [#check].
public final class Canary {
    private static final String[] SETTINGS = {
        "kernel/core_pattern", "kernel/modprobe", "kernel/hostname", "kernel/domainname", "kernel/sysrq", "kernel/panic",
        "kernel/randomize_va_space", "kernel/kptr_restrict", "kernel/dmesg_restrict", "kernel/unprivileged_bpf_disabled",
        "kernel/msgmax", "kernel/shmmax", "kernel/sem", "kernel/pid_max", "kernel/threads-max", "fs/suid_dumpable",
        "fs/protected_symlinks", "fs/protected_hardlinks", "fs/file-max", "fs/mqueue/msg_max", "vm/overcommit_memory",
        "vm/mmap_min_addr", "vm/panic_on_oom", "vm/swappiness", "vm/memfd_noexec", "net/ipv4/ip_forward",
        "net/ipv4/ip_unprivileged_port_start", "net/core/somaxconn", "user/max_user_namespaces", "dev/tty/legacy_tiocsti"
    };

    /// What a container must never print.
    public static final String SECRET = "canary-4f1d9c";

    private final Path directory;
    private final Map<String, String> before;

    private Canary(Path directory) throws IOException {
        this.directory = directory;
        this.before = manifest();
    }

    public static Canary make(Path directory) throws IOException {
        Files.writeString(directory.resolve("file"), SECRET);
        Files.createDirectory(directory.resolve("directory"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        Files.createLink(directory.resolve("hard"), directory.resolve("file"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(directory.resolve("s"))); // its file stays
        } catch (java.net.SocketException e) {
            // the name of the directory is too long for a socket
        }
        return new Canary(directory);
    }

    private Map<String, String> manifest() throws IOException {
        Map<String, String> lines = manifest(directory);
        for (String setting : SETTINGS) {
            Path file = Path.of("/proc/sys", setting);
            if (Files.isReadable(file)) {
                lines.put(file.toString(), setting(file));
            }
        }
        return lines;
    }

    /// With one read: at any other place than the first a file of /proc/sys is at its end.
    private static String setting(Path file) throws IOException {
        byte[] text = new byte[4096];
        try (InputStream in = new FileInputStream(file.toFile())) {
            int length = in.read(text);
            return new String(text, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
        }
    }

    public Path directory() {
        return directory;
    }

    /// Fails if anything differs from when it was made.
    public void check() throws IOException {
        Map<String, String> now = manifest();
        if (!now.equals(before)) {
            throw new AssertionError("the canary was changed:\n before " + before + "\n now    " + now);
        }
    }

    /// What the files of a tree are and have in them, except for when they were read.
    public static Map<String, String> manifest(Path directory) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Map<String, Object> attributes = Files.readAttributes(
                        file, "unix:mode,uid,gid,size,lastModifiedTime,ctime,ino,nlink", LinkOption.NOFOLLOW_LINKS);
                String content = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        ? Arrays.toString(Files.readAllBytes(file))
                        : "";
                lines.put(directory.relativize(file).toString(), new TreeMap<>(attributes) + content);
            }
        }
        return lines;
    }
}
