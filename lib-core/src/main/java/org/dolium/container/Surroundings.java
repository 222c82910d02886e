// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;
import org.dolium.namespace.NamespaceKind;
import org.dolium.process.Rlimit;

/// What the processes that a JVM makes have of it, and no plan takes away: what another JVM must have as well, or take away,
/// before a process of its own is no less confined.
///
/// @param namespaces where it is, by the names of /proc/PID/ns
/// @param bounding its capability bounding set
/// @param noNewPrivileges whether it can never gain privileges by an exec
/// @param filters how many filters of system calls it is under
/// @param groups its supplementary groups
/// @param limits all of its resource limits
/// @param label what security modules confine it by, or empty
record Surroundings(
        Map<String, String> namespaces, long bounding, boolean noNewPrivileges, long filters, List<Long> groups, List<Rlimit> limits,
        int oomScoreAdj, String label) {
    /// Of this thread, which starts those that make processes: filters and no_new_privs are a thread's own, and those it starts have them.
    private static final Path SELF = Path.of("/proc/thread-self");

    Surroundings {
        namespaces = Map.copyOf(namespaces);
        groups = List.copyOf(groups);
        limits = List.copyOf(limits);
    }

    /// This JVM's.
    static Surroundings here() throws IOException {
        Map<String, String> namespaces = new LinkedHashMap<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            Path link = SELF.resolve("ns").resolve(kind.procName());
            if (Files.exists(link)) { // of time only since Linux 5.6
                namespaces.put(kind.procName(), Files.readSymbolicLink(link).toString());
            }
        }
        String status = Files.readString(SELF.resolve("status"), StandardCharsets.ISO_8859_1);
        List<Long> groups = new ArrayList<>();
        for (String group : field(status, "Groups:", "").split(" ", -1)) {
            if (!group.isEmpty()) {
                groups.add(Long.parseLong(group));
            }
        }
        return new Surroundings(
                namespaces, Long.parseUnsignedLong(field(status, "CapBnd:", "0"), 16), field(status, "NoNewPrivs:", "0").equals("1"),
                Long.parseLong(field(status, "Seccomp_filters:", field(status, "Seccomp:", "0"))), groups, limitsHere(),
                Integer.parseInt(text("oom_score_adj")), labelHere());
    }

    private static String field(String status, String name, String missing) {
        int start = status.indexOf("\n" + name) + 1 + name.length();
        return start <= name.length() ? missing : status.substring(start, status.indexOf('\n', start)).trim();
    }

    private static String text(String file) throws IOException {
        return Files.readString(SELF.resolve(file), StandardCharsets.ISO_8859_1).trim();
    }

    private static List<Rlimit> limitsHere() throws IOException {
        List<Rlimit> limits = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Memory both = Memory.allocate(arena, 16);
            for (Rlimit.Resource resource : Rlimit.Resource.values()) {
                Kernel.check(
                        Kernel.call(Sys.PRLIMIT64, 0, resource.ordinal(), 0, both.address()), "prlimit64(0, RLIMIT_" + resource + ")");
                limits.add(new Rlimit(resource, known(both.getLong(0)), known(both.getLong(8))));
            }
        }
        return limits;
    }

    /// None is so large that it is not the same as the largest that Java knows.
    private static long known(long limit) {
        return limit < Rlimit.UNLIMITED ? Long.MAX_VALUE : limit;
    }

    /// Of AppArmor, or of the security module that answers first.
    private static String labelHere() throws IOException {
        for (String file : new String[] {"attr/apparmor/current", "attr/current"}) {
            try {
                return text(file).replace("\0", "");
            } catch (NoSuchFileException e) {
                // older kernels have only the other one
            } catch (IOException e) { // EINVAL: no module has one
            }
        }
        return "";
    }

    Rlimit limit(Rlimit.Resource resource) {
        return limits.get(resource.ordinal());
    }

    /// The limits that a process of this JVM must be given to have no more than one of another JVM.
    ///
    /// @param chosen those that it is given anyway
    List<Rlimit> limitsToLower(Surroundings maker, List<Rlimit> chosen) {
        List<Rlimit> lower = new ArrayList<>();
        for (Rlimit.Resource resource : Rlimit.Resource.values()) {
            Rlimit own = limit(resource);
            Rlimit less = new Rlimit(
                    resource, least(own.soft(), maker.limit(resource).soft()), least(own.hard(), maker.limit(resource).hard()));
            boolean given = resource == Rlimit.Resource.CORE; // every plan sets it
            for (int i = 0; i < chosen.size(); i++) {
                given |= chosen.get(i).resource() == resource;
            }
            if (!given && !less.equals(own)) {
                lower.add(less);
            }
        }
        return lower;
    }

    static long least(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    /// What this JVM lacks of the surroundings of another one, or has more than that, and can't be made up for: a sentence each.
    ///
    /// @param maker the JVM that started the container
    /// @param shared the names of the namespaces that the container has of the JVM
    /// @param keepsGroups whether a process that comes into the container keeps its supplementary groups
    /// @param labelled whether the container's label is chosen
    List<String> differences(Surroundings maker, List<String> shared, boolean keepsGroups, boolean labelled) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < shared.size(); i++) {
            String kind = shared.get(i);
            if (!Objects.equals(namespaces.get(kind), maker.namespaces.get(kind))) {
                problems.add("it is in another " + kind + " namespace, " + namespaces.get(kind) + " and not " + maker.namespaces.get(kind));
            }
        }
        if (filters < maker.filters) {
            problems.add("it is under fewer filters of system calls, " + filters + " and not " + maker.filters);
        }
        if (keepsGroups && !maker.groups.containsAll(groups)) {
            problems.add("it has supplementary groups that can't be given up there, of " + groups + ", and the other had " + maker.groups);
        }
        if (!labelled && !label.equals(maker.label)) {
            problems.add("a security module confines it as '" + label + "', and the container as '" + maker.label + "'");
        }
        return problems;
    }
}
