// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Landlock;
import org.dolium.files.ContainerFiles;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.Program;
import org.dolium.linux.Arg;
import org.dolium.mount.Dev;
import org.dolium.mount.Mount;
import org.dolium.mount.Terminal;
import org.dolium.namespace.IdMaps;
import org.dolium.plan.LaunchPlan;
import org.dolium.process.Command;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.process.UserDatabase;
import org.dolium.sandbox.CgroupEntry;
import org.dolium.sandbox.Entrance;
import org.dolium.sandbox.ExecPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.seccomp.SeccompTarget;
import org.jspecify.annotations.Nullable;

/// What a container was made from, as far as a further command in it needs that.
///
/// @param capabilities what was asked for, before the container's user lost some of it
/// @param rootfs where users are looked up, or null if they are known
/// @param users the container's users, or null for those of its root file system
/// @param noUsers why there are none although they should be known, or empty
/// @param ownHome whether the variable `HOME` is the user's home, and nobody's wish
/// @param system whether it is an OS container, which makes users itself
/// @param terminals whether it has a /dev/pts of its own
/// @param filter its filter of system calls, or null if that is still to be compiled
record ExecBasis(
        SandboxSpec spec, Host host, CapabilitySets capabilities, @Nullable Rootfs rootfs, @Nullable UserDatabase users, String noUsers,
        boolean ownHome, boolean system, boolean terminals, @Nullable Filter filter) {
    private static final int MOST_USERS = 10 << 20;
    private static final String[][] CALLS_AFTER_A_FILTER = {Filtering.WITHOUT_NO_NEW_PRIVILEGES, {"clone", "exit_group", "setsid"}};

    /// A compiled filter of system calls.
    ///
    /// @param program its instructions, or null if there is none
    /// @param forbidden the calls that it forbids and a launch makes after it where it is installed early
    record Filter(Arg.@Nullable Filter program, List<String> forbidden) {}

    static ExecBasis of(ContainerBuilder wanted, Blueprint blueprint) {
        SandboxSpec spec = blueprint.spec();
        return new ExecBasis(
                spec, blueprint.host(), wanted.capabilities(), wanted.rootfs, wanted.users, "",
                !wanted.environment.containsKey("HOME"), wanted.booted != null, hasTerminals(spec.mounts()), null);
    }

    private static boolean hasTerminals(List<Mount> mounts) {
        boolean own = false;
        for (int i = 0; i < mounts.size(); i++) {
            String target = mounts.get(i).target();
            if (mounts.get(i) instanceof Dev) {
                own = true;
            } else if (target.equals("/dev") || target.equals("/dev/pts") || target.startsWith("/dev/pts/")) {
                own = false;
            }
        }
        return own;
    }

    /// The same without anything that is still to be read or compiled.
    ExecBasis complete() {
        UserDatabase known = users;
        String why = "";
        try {
            known = known == null && !system && rootfs != null ? rootfs.users() : known;
        } catch (IOException | IllegalArgumentException e) {
            why = String.valueOf(e.getMessage());
        }
        SeccompTarget target = target(spec.capabilities());
        Arg.Filter program = spec.seccomp().isUnconfined() ? null : spec.seccomp().filter(target);
        Filter compiled = new Filter(program, forbidden(target));
        return new ExecBasis(spec, host, capabilities, null, known, why, ownHome, system, terminals, compiled);
    }

    /// The users that names are looked up in.
    ///
    /// @param target the container with its files as they are now
    private UserDatabase users(ExecTarget target) throws IOException {
        if (users != null) {
            return users;
        }
        if (system) {
            ContainerFiles files = target.files();
            return new UserDatabase(content(files, "/etc/passwd"), content(files, "/etc/group"));
        }
        if (rootfs == null) {
            throw new IOException(noUsers);
        }
        return rootfs.users();
    }

    private static byte[] content(ContainerFiles files, String path) throws IOException {
        try {
            return files.read(path, MOST_USERS);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    /// What the process does that becomes the wanted command.
    ///
    /// @param lasting whether it goes on when this JVM ends
    /// @throws IllegalArgumentException listing every problem
    LaunchPlan plan(ExecBuilder wanted, ExecTarget target, boolean lasting) throws IOException {
        Group group = target.group();
        SandboxSpec other = with(wanted, target, entry(group));
        TerminalSize size = wanted.terminal;
        Terminal terminal = size == null ? null : new Terminal(size.rows(), size.columns(), other.credentials().uid());
        Arg.Filter program = filter == null ? null : filter.program();
        return ExecPlanner.plan(other, host, new Entrance(group.intoBeside() != null, terminal, program, lasting));
    }

    /// The sandbox with the wanted command.
    ///
    /// @throws IllegalArgumentException listing every problem
    private SandboxSpec with(ExecBuilder wanted, ExecTarget target, @Nullable CgroupEntry entry) throws IOException {
        List<String> problems = new ArrayList<>(0);
        Command command = null;
        Credentials credentials = spec.credentials();
        Map<String, String> variables = new LinkedHashMap<>(spec.environment().variables());
        try {
            command = new Command(wanted.words);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        try {
            if (wanted.user != null) {
                UserDatabase.User found = users(target).resolve(wanted.user);
                credentials = known(found.credentials(), problems);
                if (ownHome) {
                    variables.put("HOME", found.home());
                }
            }
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        checkRules(problems);
        if (wanted.terminal != null) {
            checkTerminal(wanted, problems);
            variables.putIfAbsent("TERM", "xterm");
        }
        variables.putAll(wanted.environment);
        Environment environment = environment(variables, problems);
        String directory = wanted.workingDirectory == null ? spec.workingDirectory() : wanted.workingDirectory;
        if (!directory.startsWith("/") || directory.indexOf('\0') >= 0) {
            problems.add("working directory '" + directory.replace('\0', '?') + "' is not an absolute path");
        }
        if (!problems.isEmpty() || command == null || environment == null) {
            throw new IllegalArgumentException("invalid command in a container:" + SpecFactory.list(problems));
        }
        boolean same = credentials.uid() == spec.credentials().uid();
        CapabilitySets sets = same ? spec.capabilities() : capabilities.forUser(credentials.uid());
        checkFilter(sets);
        return spec.with(command, environment, credentials, sets, directory, entry);
    }

    private void checkTerminal(ExecBuilder wanted, List<String> problems) {
        if (!terminals) {
            problems.add("a terminal needs a /dev/pts of the container's own");
        }
        if (wanted.input != Redirect.PIPE || wanted.output != Redirect.PIPE || wanted.error != Redirect.PIPE) {
            problems.add("a terminal is all three standard streams; none of them can be redirected");
        }
    }

    /// A rule about a path that the container can exchange would give the command what the container does not have.
    private void checkRules(List<String> problems) {
        Landlock rules = spec.confinement().landlock();
        List<String> paths = rules == null ? List.of() : rules.exchangeable();
        if (!paths.isEmpty()) {
            problems.add("the container's Landlock rules about " + String.join(", ", paths) + " can't be given to a further command:"
                    + " another rule lets the container put something else there");
        }
    }

    /// Where a filter must be installed early, it has to let pass what comes after it.
    private void checkFilter(CapabilitySets sets) {
        if (spec.noNewPrivileges() || (sets.effective() & Capability.SYS_ADMIN.bit()) != 0) {
            return; // it comes late
        }
        List<String> forbidden = filter == null ? forbidden(target(sets)) : filter.forbidden();
        if (!forbidden.isEmpty()) {
            throw new IllegalArgumentException("the seccomp profile '" + spec.seccomp() + "' forbids " + forbidden.getFirst()
                    + ", which a further command needs where no_new_privs is off");
        }
    }

    private SeccompTarget target(CapabilitySets sets) {
        return new SeccompTarget(host.arch(), sets.bounding(), host.kernelMajor(), host.kernelMinor());
    }

    private List<String> forbidden(SeccompTarget target) {
        List<String> forbidden = new ArrayList<>(0);
        for (int i = 0; i < CALLS_AFTER_A_FILTER.length && !spec.seccomp().isUnconfined(); i++) {
            for (String call : CALLS_AFTER_A_FILTER[i]) {
                if (!spec.seccomp().mayAllow(call, target)) {
                    forbidden.add(call);
                }
            }
        }
        return forbidden;
    }

    private static @Nullable Environment environment(Map<String, String> variables, List<String> problems) {
        try {
            return Environment.of(variables);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /// The ids as the container can have them.
    private Credentials known(Credentials found, List<String> problems) {
        IdMaps uids = spec.uidMaps();
        IdMaps gids = spec.gidMaps();
        if (uids != null && !uids.maps(found.uid())) {
            problems.add("user " + found.uid() + " is not mapped in the user namespace " + uids);
        }
        if (gids != null && !gids.maps(found.gid())) {
            problems.add("group " + found.gid() + " is not mapped in the user namespace " + gids);
        }
        boolean own = found.uid() == host.uid() && found.gid() == host.gid();
        if (spec.namespaces().entryFlags() == 0 && !host.privileged() && !own) {
            problems.add("a container without namespaces is the JVM's user, " + host.uid() + ":" + host.gid());
        }
        boolean single = gids != null && !host.canMapAnyId() && gids.isSingle();
        return single || host.groupsDenied() ? new Credentials(found.uid(), found.gid(), List.of()) : found;
    }

    /// The way into the cgroups, which the descriptors of [#passed] belong to.
    static @Nullable CgroupEntry entry(Group group) {
        int parts = group.legacyParts();
        boolean waits = group.placement(true) != null;
        return parts > 0 || waits ? new CgroupEntry(ExecPlanner.FIRST_CGROUP_FD, parts, waits) : null;
    }

    /// What a launch needs, and the descriptors that are to be closed after it.
    static LaunchRequest request(Program program, ExecTarget target, Stdio stdio, List<Fd> passed) throws IOException {
        Group group = target.group();
        passed.add(target.copyPidfd());
        passed.addAll(group.tasks());
        Fd into = group.intoBeside();
        if (into != null) {
            passed.add(into.copyAbove(0));
        }
        return new LaunchRequest(
                program, 0, stdio.childEnds(), passed, null, target.basis().host().lastCapability(), null, group.placement(true),
                target.listenerOwner(), stdio.terminal());
    }
}
