// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Figures;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// What a group had counted when its last process had ended: also as the texts of its files, which somebody else has read by then because
/// the group does not last any longer.
///
/// @param oomKills how many processes the kernel killed for lack of memory
/// @param cpuNanos user and system time, or -1 where that is not counted
/// @param peakMemory in bytes, or -1
public record LastCounts(long oomKills, long cpuNanos, long peakMemory) {
    /// How many files [#open] gives.
    public static final int FILES = 3;

    /// What is said where nobody has counted.
    public static final LastCounts NONE = new LastCounts(0, -1, -1);

    /// What a group counts now.
    public static LastCounts of(Cgroup group) throws ErrnoException {
        return new LastCounts(group.oomKills(), group.cpuNanos(), group.peakMemory());
    }

    /// Each figure from where it is larger: the same ones were read twice, and not each of them each time.
    public LastCounts orMore(LastCounts other) {
        return new LastCounts(
                Math.max(oomKills, other.oomKills), Math.max(cpuNanos, other.cpuNanos), Math.max(peakMemory, other.peakMemory));
    }

    /// The files that are to be read, each at once and from its beginning; where something is not counted, one that is empty.
    public static List<Fd> open(Cgroup group) throws ErrnoException {
        boolean unified = group.isUnified();
        List<Fd> files = new ArrayList<>(FILES);
        try {
            files.add(open(unified ? group.unified() : group.inhabited(Controller.MEMORY), unified ? "memory.events" : "memory.oom_control"));
            files.add(open(group.directory(Controller.CPUACCT), unified ? "cpu.stat" : "cpuacct.usage"));
            files.add(open(group.directory(Controller.MEMORY), unified ? "memory.peak" : "memory.max_usage_in_bytes"));
            return files;
        } catch (ErrnoException e) {
            for (int i = 0; i < files.size(); i++) {
                files.get(i).close();
            }
            throw e;
        }
    }

    private static Fd open(@Nullable CgroupDirectory directory, String file) throws ErrnoException {
        if (directory != null) {
            try {
                return directory.openFile(file, CgroupDirectory.O_RDONLY);
            } catch (ErrnoException e) {
                if (!Removal.isGone(e)) {
                    throw e;
                }
            }
        }
        return Fd.open("/dev/null", (int) CgroupDirectory.O_RDONLY, 0);
    }

    /// @param texts what was in these files, each with as many bytes as the others, and zeros after its end
    public static LastCounts parse(byte[] texts) {
        int length = texts.length / FILES;
        String cpu = text(texts, length, length);
        long micros = Figures.field(cpu, "usage_usec");
        return new LastCounts(
                Math.max(0, Figures.field(text(texts, 0, length), "oom_kill")),
                micros < 0 ? Figures.number(cpu) : micros * 1000,
                Figures.number(text(texts, 2 * length, length)));
    }

    private static String text(byte[] texts, int from, int length) {
        int end = from;
        while (end < from + length && texts[end] != 0) {
            end++;
        }
        return new String(texts, from, end - from, StandardCharsets.US_ASCII);
    }
}
