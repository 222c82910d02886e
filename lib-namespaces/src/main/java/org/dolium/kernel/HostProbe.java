// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import org.dolium.linux.ErrnoException;
import java.io.File;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringTokenizer;
import org.dolium.host.Host;
import org.dolium.linux.Sys;

/// Finds out what this machine can do. The answer does not change while the JVM runs, so it is asked for once.
public final class HostProbe {
    private static final int RLIMIT_CORE = 4;
    private static final int READ = 16384;
    private static final long TTY_GROUP = 5;
    private static final String CPUS = "/sys/devices/system/cpu";

    private HostProbe() {}

    private static final class Holder {
        static final Host HOST = probe();
    }

    /// This machine.
    public static Host host() {
        return Holder.HOST;
    }

    private static Host probe() {
        String status = read("/proc/self/status");
        String release = read("/proc/sys/kernel/osrelease");
        int dot = release.indexOf('.');
        boolean initial = isInitial(read("/proc/self/uid_map"));
        return new Host(
                Kernel.ARCH,
                leadingInt(release),
                leadingInt(release.substring(dot + 1)),
                leadingInt(read("/proc/sys/kernel/cap_last_cap")),
                secondField(status, "Uid:"),
                secondField(status, "Gid:"),
                Long.parseUnsignedLong(field(status, "CapEff:"), 16),
                initial,
                !initial && read("/proc/self/setgroups").startsWith("deny"),
                initial || maps(read("/proc/self/gid_map"), TTY_GROUP),
                coreHardLimit(),
                status.contains("\nSeccomp_filters:"), // since 5.9, and only where filters are compiled in
                throttlePaths());
    }

    /// Reads with one large read: the kernel's sysctl files give nothing to a second one, and Java's own methods begin
    /// with a read of one byte.
    private static String read(String path) {
        try (Fd file = Fd.open(path, 0, 0);
                Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, READ);
            long n = Kernel.check(Kernel.call(Sys.READ, file.number(), buffer.address(), READ), "read(" + path + ")");
            return new String(buffer.head((int) n), StandardCharsets.ISO_8859_1);
        } catch (ErrnoException e) {
            throw new IllegalStateException("cannot read " + path + ": Dolium needs a mounted /proc", e);
        }
    }

    private static int leadingInt(String text) {
        int value = 0;
        for (int i = 0; i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9'; i++) {
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }

    private static String field(String status, String name) {
        int start = status.indexOf("\n" + name) + 1 + name.length();
        return status.substring(start, status.indexOf('\n', start)).trim();
    }

    /// The second number of a `Uid:` or `Gid:` line: the effective id.
    private static long secondField(String status, String name) {
        String line = field(status, name);
        int tab = line.indexOf('\t');
        return Long.parseLong(line.substring(tab + 1, line.indexOf('\t', tab + 1)));
    }

    private static boolean isInitial(String uidMap) {
        String line = uidMap.trim();
        return line.startsWith("0 ") && line.endsWith(" 4294967295") && line.indexOf('\n') < 0
                && line.substring(1, line.length() - 10).trim().equals("0");
    }

    /// Whether an id map, as /proc shows it, has an inner id.
    private static boolean maps(String map, long id) {
        for (String line : map.split("\n", -1)) {
            StringTokenizer words = new StringTokenizer(line);
            if (words.countTokens() == 3) {
                long first = Long.parseLong(words.nextToken());
                words.nextToken();
                if (id >= first && id < first + Long.parseLong(words.nextToken())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static long coreHardLimit() {
        try (Arena arena = Arena.ofConfined()) {
            Memory limit = Memory.allocate(arena, 16);
            Kernel.call(Sys.PRLIMIT64, 0, RLIMIT_CORE, 0, limit.address());
            return limit.getLong(8);
        }
    }

    /// Numbers of processors may have gaps.
    private static List<String> throttlePaths() {
        List<String> paths = new ArrayList<>();
        String[] names = new File(CPUS).list();
        for (int i = 0; names != null && i < names.length; i++) {
            String name = names[i];
            boolean cpu = name.length() > 3 && name.startsWith("cpu") && Character.isDigit(name.charAt(3));
            if (cpu && new File(CPUS + "/" + name + "/thermal_throttle").isDirectory()) {
                paths.add(CPUS + "/" + name + "/thermal_throttle");
            }
        }
        Collections.sort(paths);
        return paths;
    }
}
