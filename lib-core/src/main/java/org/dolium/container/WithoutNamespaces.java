// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Landlock;
import org.dolium.host.Host;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.process.Credentials;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.jspecify.annotations.Nullable;

/// What is special about a container that has no namespaces: what it can't have, and in what it is weaker.
final class WithoutNamespaces {
    static final SeccompProfile PROFILE = SeccompProfile.standard().withoutNamespaces();

    private static final int SCOPED = 6;
    /// A call, and what can be done with it that nothing else forbids.
    private static final String[] CALLS = {
        "chmod", "it can change modes of all files of its user",
        "setxattr", "it can change extended attributes of all files of its user",
        "utimes", "it can change times of all files of its user",
        "inotify_add_watch", "it can watch what happens to files that it may not read",
        "setsid", "what it starts in a session of its own outlives it, unless a cgroup of its own ends it",
        "shmget", "it can use System V shared memory of its user's other processes",
        "mq_open", "it can use message queues of its user's other processes"
    };

    private final ContainerBuilder wanted;
    private final Host host;

    WithoutNamespaces(ContainerBuilder wanted, Host host) {
        this.wanted = wanted;
        this.host = host;
    }

    /// Who it is: nobody without privileges can become somebody else.
    String user() {
        return wanted.user == null ? host.uid() + ":" + host.gid() : wanted.user;
    }

    CapabilitySets capabilities(Credentials credentials) {
        return host.privileged() ? wanted.capabilities().forUser(credentials.uid()) : CapabilitySets.none();
    }

    /// Collects what was asked for and needs namespaces, or privileges.
    void check(Credentials credentials, List<String> problems) {
        Landlock rules = wanted.landlock;
        refuse(rules == null || !rules.limitsFiles(), "needs landlock() with rules about files", problems);
        refuse(!wanted.noNewPrivileges, "needs no_new_privs", problems);
        refuse(!wanted.namespaces.isEmpty() || wanted.timeOffsets != null, "has no namespace of a kind", problems);
        refuse(wanted.userNamespace != null && !(wanted.userNamespace instanceof UserNamespace.Host),
                "has no user namespace", problems);
        refuse(!wanted.maskedPaths.isEmpty() || !wanted.readOnlyPaths.isEmpty(),
                "has no masked and no read-only paths: what landlock() does not list is out of reach", problems);
        refuse(wanted.network == Network.NONE, "has the host's network: limit TCP by landlock(), or all of it by seccomp()", problems);
        boolean other = credentials.uid() != host.uid() || credentials.gid() != host.gid();
        refuse(!host.privileged() && other, "is the JVM's user, " + host.uid() + ":" + host.gid(), problems);
        refuse(!host.privileged() && (wanted.capabilities().ambient() | wanted.capabilities().inheritable()) != 0,
                "has no capabilities", problems);
    }

    private static void refuse(boolean wrong, String what, List<String> problems) {
        if (wrong) {
            problems.add("a container without namespaces " + what);
        }
    }

    /// The rules, as strict as the kernel can.
    static @Nullable Landlock rules(@Nullable Landlock rules, int version, List<String> reductions)
            throws UnsupportedHostException {
        if (version == 0) {
            throw new UnsupportedHostException(
                    "a container without namespaces has nothing else that confines it: this kernel has no Landlock, or is booted"
                            + " without it in lsm=",
                    "boot with landlock in the list of lsm=", null);
        }
        if (rules == null || version >= SCOPED) {
            return rules == null ? null : rules.scoped();
        }
        reductions.add("no namespaces: it can signal all processes of its user, also this JVM, and before Linux 6.12 nothing"
                + " forbids that");
        return rules;
    }

    /// Collects in what it is weaker than a container with namespaces.
    void reduce(SeccompProfile profile, List<String> reductions) {
        reductions.add("no namespaces: it is user " + host.uid() + " of the host, with the groups of this JVM; it sees the host's name,"
                + " its mounts, and of every path whether it exists, its size and its owner");
        reductions.add("no network of its own: it reaches what the host does" + (ports() ? "" : ", and any TCP port;") + " but for TCP"
                + " nothing limits that");
        reductions.add("modes, times and attributes of its user's files that it may only read can be changed through a descriptor"
                + " (fchmod, futimens, fsetxattr)");
        reductions.add("no pid namespace: when this JVM is killed, what its command started goes on");
        if (!host.privileged()) {
            reductions.add("its bounding set of capabilities is the JVM's: without privileges it can't be reduced, and no_new_privs keeps"
                    + " it from counting");
        }
        if (profile.isUnconfined()) {
            reductions.add("no system call filter: it can ask whoever listens on a local socket to act for it, and change modes, owners"
                    + " and times of all files of its user");
            return;
        }
        SeccompTarget target = new SeccompTarget(host.arch(), 0, host.kernelMajor(), host.kernelMinor());
        for (int i = 0; i < CALLS.length; i += 2) {
            if (profile.mayAllow(CALLS[i], target)) {
                reductions.add("its seccomp profile '" + profile + "' allows " + CALLS[i] + ": " + CALLS[i + 1]);
            }
        }
        if (wanted.seccompChosen && profile.mayAllow("socket", target)) {
            reductions.add("its seccomp profile '" + profile + "' may allow local sockets: whoever listens on one could act for it");
        }
    }

    private boolean ports() {
        return wanted.landlock != null && wanted.landlock.limitsPorts();
    }
}
