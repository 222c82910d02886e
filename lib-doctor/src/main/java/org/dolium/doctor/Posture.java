// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How strong the walls are that containers on this host are made of: a few well-known flaws that a kernel of this version has,
/// and protections that are settings of the whole host. It is read from files, and hinders no container; see [Host] for what
/// can be done here.
///
/// A distribution that mends a flaw keeps the version, so a flaw is one to look up, not one that is there for certain.
///
/// ```java
/// System.out.print(Posture.read().report());
/// ```
public final class Posture {
    private static final String RELEASE = "/proc/sys/kernel/osrelease";
    private static final String MODULES = "/sys/kernel/security/lsm";
    private static final String MOUNTS = "/proc/self/mountinfo";
    private static final String UPDATE = "boot the newest kernel of the distribution, or look up whether it has mended this one";

    /// A parameter of the kernel.
    ///
    /// @param weak its value where it protects nothing
    /// @param lost what that allows
    /// @param better the value to set
    /// @param without what to do where the kernel has no such parameter and protects nothing; empty if nothing is lost then
    private record Parameter(String name, String key, String weak, String lost, String better, String without) {
        String path() {
            return "/proc/sys/" + key.replace('.', '/');
        }
    }

    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("ptrace", "kernel.yama.ptrace_scope", "0", "processes of a user are traced by all his others", "1",
                    "boot with yama in the list of lsm="),
            new Parameter("core dumps", "fs.suid_dumpable", "1", "dumps of privileged programs belong to who starts them", "0", ""),
            new Parameter("terminals", "dev.tty.legacy_tiocsti", "1", "who shares a terminal types into it for others", "0",
                    "boot Linux 6.2 or newer"),
            new Parameter("bpf", "kernel.unprivileged_bpf_disabled", "0", "any user loads programs into the kernel", "1", ""),
            new Parameter("kernel log", "kernel.dmesg_restrict", "0", "any user reads the kernel's log", "1", ""),
            new Parameter("kernel addresses", "kernel.kptr_restrict", "0", "any user learns where the kernel is", "1", ""),
            new Parameter("io_uring", "kernel.io_uring_disabled", "", "", "", ""),
            new Parameter("memory files", "vm.memfd_noexec", "", "", "", ""),
            new Parameter("user namespaces", "user.max_user_namespaces", "", "", "", ""));

    private final List<Finding> findings;

    private Posture(List<Finding> findings) {
        this.findings = List.copyOf(findings);
    }

    /// That of this host, as far as this user can read it.
    public static Posture read() {
        Map<String, String> files = new HashMap<>();
        List<String> paths = new ArrayList<>(List.of(RELEASE, MODULES, MOUNTS));
        for (Parameter parameter : PARAMETERS) {
            paths.add(parameter.path());
        }
        for (String path : paths) {
            try {
                files.put(path, Files.readString(Path.of(path)).trim());
            } catch (IOException e) {
                // the kernel has no such setting, as the finding says: whoever sees /proc may read all of these
            }
        }
        return of(files);
    }

    /// @param files the texts by path
    static Posture of(Map<String, String> files) {
        List<Finding> findings = new ArrayList<>();
        findings.add(kernel(files.getOrDefault(RELEASE, "")));
        findings.add(Finding.ok("security modules", files.getOrDefault(MODULES, "not known")));
        findings.add(Finding.ok("cgroups", cgroups(files.getOrDefault(MOUNTS, ""))));
        for (Parameter parameter : PARAMETERS) {
            findings.add(setting(parameter, files.get(parameter.path())));
        }
        return new Posture(findings);
    }

    private static Finding kernel(String release) {
        List<KernelFlaw> flaws = KernelFlaw.of(release);
        if (release.isEmpty()) {
            return Finding.reduced("kernel", "its version can't be read", "a check of it", "");
        }
        if (flaws.isEmpty()) {
            return Finding.ok("kernel", "Linux " + release + ", none of the flaws that are looked for");
        }
        List<String> names = new ArrayList<>();
        List<String> effects = new ArrayList<>();
        for (KernelFlaw flaw : flaws) {
            names.add(flaw.id());
            effects.add(flaw.id() + ": " + flaw.what());
        }
        return Finding.reduced(
                "kernel", "Linux " + release + ", by its version with " + String.join(", ", names), String.join("; ", effects),
                UPDATE);
    }

    private static String cgroups(String mounts) {
        boolean unified = mounts.contains(" - cgroup2 ");
        boolean legacy = mounts.contains(" - cgroup ");
        return unified && legacy ? "v1 and v2" : unified ? "v2" : legacy ? "v1" : "none";
    }

    private static Finding setting(Parameter parameter, @Nullable String value) {
        if (value == null) {
            String none = "there is no " + parameter.key();
            return parameter.without().isEmpty()
                    ? Finding.ok(parameter.name(), none)
                    : Finding.reduced(parameter.name(), none, parameter.lost(), parameter.without());
        }
        String detail = parameter.key() + " = " + value;
        return value.equals(parameter.weak())
                ? Finding.reduced(
                        parameter.name(), detail, parameter.lost(), "sudo sysctl -w " + parameter.key() + "=" + parameter.better())
                : Finding.ok(parameter.name(), detail);
    }

    /// One for each flaw that was looked for, and for each protection. [Finding#lost] is here what an attacker gains.
    public List<Finding> findings() {
        return findings;
    }

    /// A table of the findings for people, 100 columns wide, with a line feed at the end.
    public String report() {
        return new Report(findings).toString();
    }
}
