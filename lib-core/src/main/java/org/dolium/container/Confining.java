// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Requirement;
import org.dolium.confinement.Confinement;
import org.dolium.confinement.Keyring;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.SecurityLabel;
import org.dolium.confinement.Sysctl;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.namespace.Namespaces;
import org.dolium.remedy.SecurityModules;

/// Finds out which of the wanted confinement this host has, and collects what is wrong with the wishes.
final class Confining {
    private static final int LANDLOCK_CREATE_RULESET_VERSION = 1;

    private final ContainerBuilder wanted;
    private final Namespaces namespaces;
    private final List<String> problems;
    private final List<String> reductions;

    Confining(ContainerBuilder wanted, Namespaces namespaces, List<String> problems, List<String> reductions) {
        this.wanted = wanted;
        this.namespaces = namespaces;
        this.problems = problems;
        this.reductions = reductions;
    }

    Confinement confinement() throws UnsupportedHostException {
        int version = landlockVersion();
        Landlock rules = wanted.withoutNamespaces && problems.isEmpty()
                ? WithoutNamespaces.rules(wanted.landlock, version, reductions)
                : wanted.landlock;
        return new Confinement(wanted.ownKeyring && hasKeyrings(), sysctls(), labels(), hasLabelCalls(), rules, version);
    }

    /// What is in force without anybody else being able to see it.
    static List<String> notReadable(Confinement confinement) {
        List<String> asked = new ArrayList<>();
        if (confinement.ownKeyring()) {
            asked.add("a session keyring of its own");
        }
        if (confinement.landlock() != null) {
            asked.add("Landlock " + confinement.landlock());
        }
        return asked;
    }

    private List<SecurityLabel> labels() throws UnsupportedHostException {
        List<SecurityLabel> labels = new ArrayList<>();
        for (Map.Entry<SecurityLabel.Module, String> entry : wanted.securityLabels.entrySet()) {
            try {
                labels.add(new SecurityLabel(entry.getKey(), entry.getValue()));
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
                continue;
            }
            String missing = SecurityModules.missing(entry.getKey() == SecurityLabel.Module.APPARMOR);
            if (!missing.isEmpty()) {
                throw new UnsupportedHostException(
                        "label '" + entry.getValue() + "': this host has no " + entry.getKey().text(), missing, null);
            }
        }
        return labels;
    }

    private int landlockVersion() throws UnsupportedHostException {
        if (wanted.landlock == null) {
            return 0;
        }
        int version = (int) Math.max(0, Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, LANDLOCK_CREATE_RULESET_VERSION));
        List<String> missing = wanted.landlock.missing(version);
        if (!missing.isEmpty() && wanted.landlockRequirement == Requirement.REQUIRED) {
            throw new UnsupportedHostException(
                    "Landlock: " + String.join("; ", missing), version == 0 ? "boot with landlock in the list of lsm=" : "", null);
        }
        for (int i = 0; i < missing.size(); i++) {
            reductions.add("Landlock: " + missing.get(i));
        }
        return version;
    }

    /// Linux has them since 6.8; a filter on this JVM may know of none.
    private boolean hasLabelCalls() {
        return !wanted.securityLabels.isEmpty()
                && Kernel.call(Sys.LSM_LIST_MODULES, 0, 0, 0) == -Errno.EFAULT.value(); // a list was to go nowhere
    }

    private List<Sysctl> sysctls() {
        List<Sysctl> sysctls = new ArrayList<>();
        for (Map.Entry<String, String> entry : wanted.sysctls.entrySet()) {
            try {
                Sysctl sysctl = Sysctl.of(entry.getKey(), entry.getValue());
                if (!namespaces.isNew(sysctl.kind())) {
                    problems.add("kernel parameter '" + entry.getKey() + "' needs a new " + sysctl.kind().procName()
                            + " namespace: it would change that of others");
                }
                sysctls.add(sysctl);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        return sysctls;
    }

    /// A kernel without keyrings has nothing to hide, and a filter that forbids them is on the command as well.
    private boolean hasKeyrings() {
        if (keyrings() == -Errno.EPERM.value()) {
            reductions.add("no session keyring of its own: a system call filter on this JVM, and so on the command,"
                    + " forbids keyctl(2)");
        }
        return canMakeKeyrings();
    }

    /// Whether a process of this JVM can have a session keyring of its own.
    static boolean canMakeKeyrings() {
        long result = keyrings();
        return result != -Errno.EPERM.value() && result != -Errno.ENOSYS.value();
    }

    private static long keyrings() {
        return Kernel.call(Sys.KEYCTL, Keyring.GET_KEYRING_ID, Keyring.SESSION, 0);
    }
}
