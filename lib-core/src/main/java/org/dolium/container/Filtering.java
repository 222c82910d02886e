// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.host.Host;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;

/// Finds out whether the wanted seccomp profile can be installed and lets the launch itself pass.
final class Filtering {
    private static final String[] EXEC = {"execve"};

    /// What is still to be done after a filter that is installed before the ids are changed.
    static final String[] WITHOUT_NO_NEW_PRIVILEGES = {
        "execve", "prctl", "setgroups", "setresgid", "setresuid", "getresgid", "getresuid", "capset", "capget", "read", "write",
        "umask", "chdir", "getcwd", "rt_sigaction", "rt_sigprocmask"
    };

    /// What an init needs of such a filter; one that is installed later does not hold for it.
    static final String[] INIT = {
        "clone", "prctl", "seccomp", "close_range", "rt_sigtimedwait", "kill", "wait4", "exit_group", "setpgid"
    };

    private Filtering() {}

    /// Whether the filter is the last thing before the command.
    static boolean isLate(ContainerBuilder wanted, long uid, Host host) {
        return isLate(wanted, capabilities(wanted, uid, host));
    }

    private static boolean isLate(ContainerBuilder wanted, CapabilitySets sets) {
        return wanted.noNewPrivileges || (sets.effective() & Capability.SYS_ADMIN.bit()) != 0;
    }

    static SeccompTarget target(ContainerBuilder wanted, long uid, Host host) {
        return new SeccompTarget(
                host.arch(), capabilities(wanted, uid, host).bounding(), host.kernelMajor(), host.kernelMinor());
    }

    private static CapabilitySets capabilities(ContainerBuilder wanted, long uid, Host host) {
        return wanted.withoutNamespaces && !host.privileged() ? CapabilitySets.none() : wanted.capabilities().forUser(uid);
    }

    private static void checkAllowed(
            String[] calls, SeccompProfile profile, SeccompTarget target, String needs, List<String> problems) {
        for (String call : calls) {
            if (!profile.mayAllow(call, target)) {
                problems.add("the seccomp profile '" + profile + "' forbids " + call + ", which " + needs);
            }
        }
    }

    /// The wanted profile.
    ///
    /// @throws UnsupportedHostException if the kernel has no filters
    static SeccompProfile check(ContainerBuilder wanted, long uid, Host host, List<String> problems)
            throws UnsupportedHostException {
        SeccompProfile profile = wanted.withoutNamespaces && !wanted.seccompChosen ? WithoutNamespaces.PROFILE : wanted.seccomp;
        if (profile.isUnconfined()) {
            return profile;
        }
        if (!host.seccompFilters()) {
            throw new UnsupportedHostException(
                    "this kernel has no filters of system calls, so the seccomp profile '" + profile + "' can't be in force",
                    "run a kernel with CONFIG_SECCOMP_FILTER; or, if the command is trusted, ask for none:"
                            + " seccomp(SeccompProfile.unconfined()), --security-opt seccomp=unconfined",
                    null);
        }
        if (profile == SeccompProfile.standard()) {
            return profile; // which lets every start pass
        }
        CapabilitySets sets = capabilities(wanted, uid, host);
        SeccompTarget target = target(wanted, uid, host);
        boolean late = isLate(wanted, sets);
        String why = late ? "" : " where no_new_privs is off";
        checkAllowed(late ? EXEC : WITHOUT_NO_NEW_PRIVILEGES, profile, target, "the start needs" + why, problems);
        if (wanted.init && !late) {
            checkAllowed(INIT, profile, target, "an init needs" + why, problems);
        }
        try {
            profile.compile(target);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return profile;
    }
}
