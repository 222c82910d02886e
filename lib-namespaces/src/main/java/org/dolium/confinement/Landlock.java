// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// Rules that a process puts on itself, by Landlock: which files it may use, and which TCP ports. They come on top of
/// everything else, and whatever they do not allow is forbidden. See landlock(7).
///
/// Rules about files are in force as soon as there is one of them, and those about ports as soon as [#bindTcp] or
/// [#connectTcp] is called. A program needs [#execute] for itself and its ELF loader, and at least [#readOnly] for its
/// libraries. Paths are those of the container; symbolic links in them are followed inside of it.
///
/// ```java
/// Landlock.create().execute("/usr", "/lib", "/lib64", "/bin").readOnly("/etc", "/proc").readWrite("/tmp", "/dev").bindTcp(8080)
/// ```
public final class Landlock {
    static final long EXECUTE = 1;
    static final long READ = 1 << 2 | 1 << 3; // files, directories
    /// Files and directories: written, truncated, made, moved, removed; and devices: their ioctl(2). Never a new device.
    static final long WRITE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 14
            | 1 << 15;

    /// A file or directory with everything below it, and what is allowed there.
    record PathRule(String path, long access) {}

    private final List<PathRule> paths;
    private final @Nullable List<Integer> bound;
    private final @Nullable List<Integer> connected;
    private final boolean scoped;

    private Landlock(
            List<PathRule> paths, @Nullable List<Integer> bound, @Nullable List<Integer> connected, boolean scoped) {
        this.paths = List.copyOf(paths);
        this.bound = bound == null ? null : List.copyOf(bound);
        this.connected = connected == null ? null : List.copyOf(connected);
        this.scoped = scoped;
    }

    /// No rule yet.
    public static Landlock create() {
        return new Landlock(List.of(), null, null, false);
    }

    /// Files that may be read, and directories that may be listed, with everything below them. Before Linux 6.10 ioctl(2) on
    /// devices among them is not limited.
    public Landlock readOnly(String... paths) {
        return with(READ, paths);
    }

    /// As [#readOnly], and its files may be executed.
    public Landlock execute(String... paths) {
        return with(READ | EXECUTE, paths);
    }

    /// As [#readOnly], and it may be written, and things made and removed in it; but no device be made, nor a file executed.
    public Landlock readWrite(String... paths) {
        return with(READ | WRITE, paths);
    }

    private Landlock with(long access, String... more) {
        List<PathRule> all = new ArrayList<>(paths);
        for (String path : more) {
            if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("path of a Landlock rule " + Quoting.quote(path) + " is not absolute");
            }
            all.add(new PathRule(path, access));
        }
        return new Landlock(all, bound, connected, scoped);
    }

    /// TCP ports that may be bound, besides those of earlier calls; without any, none may be. Since Linux 6.7.
    public Landlock bindTcp(int... ports) {
        return new Landlock(paths, plus(bound, ports), connected, scoped);
    }

    /// TCP ports that may be connected to, besides those of earlier calls; without any, none may be. Since Linux 6.7.
    public Landlock connectTcp(int... ports) {
        return new Landlock(paths, bound, plus(connected, ports), scoped);
    }

    private static List<Integer> plus(@Nullable List<Integer> ports, int... more) {
        List<Integer> all = ports == null ? new ArrayList<>() : new ArrayList<>(ports);
        for (int port : more) {
            if (port < 0 || port > 0xffff) {
                throw new IllegalArgumentException("TCP port " + port + " is not between 0 and 65535");
            }
            all.add(port);
        }
        return all;
    }

    /// No signals to processes outside of the container, and no connections to abstract Unix sockets outside of it: for one
    /// that shares the host's pid or network namespace. Since Linux 6.12.
    public Landlock scoped() {
        return new Landlock(paths, bound, connected, true);
    }

    List<PathRule> paths() {
        return paths;
    }

    @Nullable List<Integer> bound() {
        return bound;
    }

    @Nullable List<Integer> connected() {
        return connected;
    }

    boolean isScoped() {
        return scoped;
    }

    /// Whether there is a rule about files.
    public boolean limitsFiles() {
        return !paths.isEmpty();
    }

    /// Whether there are rules about both ports that are bound and ports that are connected to.
    public boolean limitsPorts() {
        return bound != null && connected != null;
    }

    /// The rules as texts from which [#of] makes them again: `exec /usr`, `ro /etc`, `rw /tmp`, `bind`, `bind 80`, `connect`,
    /// `connect 443`, `scoped`.
    public List<String> words() {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            words.add(kind(paths.get(i)) + paths.get(i).path());
        }
        words(words, "bind", bound);
        words(words, "connect", connected);
        if (scoped) {
            words.add("scoped");
        }
        return words;
    }

    private static void words(List<String> words, String kind, @Nullable List<Integer> ports) {
        if (ports != null) {
            words.add(kind);
            for (int i = 0; i < ports.size(); i++) {
                words.add(kind + " " + ports.get(i));
            }
        }
    }

    /// The rules that [#words] told of.
    ///
    /// @throws IllegalArgumentException if a text is none of these
    public static Landlock of(List<String> words) {
        Landlock rules = create();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int blank = word.indexOf(' ');
            String what = blank < 0 ? "" : word.substring(blank + 1);
            rules = switch (blank < 0 ? word : word.substring(0, blank)) {
                case "exec" -> rules.execute(what);
                case "ro" -> rules.readOnly(what);
                case "rw" -> rules.readWrite(what);
                case "bind" -> rules.bindTcp(ports(what));
                case "connect" -> rules.connectTcp(ports(what));
                case "scoped" -> rules.scoped();
                default -> throw new IllegalArgumentException("'" + word + "' is no rule of Landlock");
            };
        }
        return rules;
    }

    private static int[] ports(String text) {
        return text.isEmpty() ? new int[0] : new int[] {Integer.parseInt(text)};
    }

    private static String kind(PathRule rule) {
        return (rule.access() & EXECUTE) != 0 ? "exec " : (rule.access() & WRITE) != 0 ? "rw " : "ro ";
    }

    /// As `exec /usr, rw /tmp, bind 80, connect, scoped`.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < paths.size(); i++) {
            out.append(i == 0 ? "" : ", ").append(kind(paths.get(i))).append(Quoting.quote(paths.get(i).path()));
        }
        ports(out, "bind", bound);
        ports(out, "connect", connected);
        return out.append(!scoped ? "" : out.isEmpty() ? "scoped" : ", scoped").toString();
    }

    private static void ports(StringBuilder out, String kind, @Nullable List<Integer> ports) {
        if (ports != null) {
            out.append(out.isEmpty() ? "" : ", ").append(kind);
            for (int i = 0; i < ports.size(); i++) {
                out.append(' ').append(ports.get(i));
            }
        }
    }

    /// The paths that lie in a directory which another rule allows to change: who is under these rules may put something else
    /// there, so nobody who comes later can be given what was meant.
    public List<String> exchangeable() {
        List<String> found = new ArrayList<>(0);
        for (int i = 0; i < paths.size(); i++) {
            for (int j = 0; j < paths.size(); j++) {
                if ((paths.get(j).access() & WRITE) != 0 && mayContain(paths.get(j).path(), paths.get(i).path())) {
                    found.add(paths.get(i).path());
                    break;
                }
            }
        }
        return found;
    }

    private static boolean mayContain(String directory, String path) {
        boolean plain = !(path + "/").contains("/../") && !(directory + "/").contains("/../")
                && !(path + "/").contains("/./") && !(directory + "/").contains("/./") && !(path + directory).contains("//");
        String prefix = directory.endsWith("/") ? directory : directory + "/";
        return !plain || path.length() > prefix.length() && path.startsWith(prefix);
    }

    /// What a kernel with that version of Landlock can't enforce of these rules, a sentence each, with the Linux version that
    /// can.
    ///
    /// @param version the version, or 0 where there is no Landlock
    public List<String> missing(int version) {
        List<String> missing = new ArrayList<>();
        if (version < 1) {
            missing.add("this kernel has no Landlock, or is booted without it in lsm=");
        } else if (limitsFiles() && version < 3) {
            missing.add("files that may only be read can be truncated before Linux 6.2");
        }
        if (version >= 1 && version < 4 && (bound != null || connected != null)) {
            missing.add("TCP ports can't be limited before Linux 6.7");
        }
        if (version >= 1 && version < 6 && scoped) {
            missing.add("signals and abstract Unix sockets can't be limited before Linux 6.12");
        }
        return missing;
    }
}
