// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

/// What to change about the container that this JVM runs in.
public final class OuterContainer {
    private OuterContainer() {}

    /// A filter on system calls forbids namespaces.
    static String seccomp(HostFiles host) {
        if (host.surroundings() == Surroundings.KUBERNETES) {
            return "the pod's seccomp profile forbids namespaces: in its securityContext, seccompProfile: {type: Unconfined},"
                    + " or a profile that allows clone3, unshare, mount and setns";
        }
        String unit = host.surroundings().container()
                ? ""
                : "; or, in a systemd unit, leave out RestrictNamespaces= and SystemCallFilter=";
        return "the outer container's seccomp profile forbids namespaces: run it with --security-opt"
                + " seccomp=unconfined" + unit;
    }

    /// A security module forbids mounts.
    static String appArmor(HostFiles host) {
        return host.surroundings() == Surroundings.KUBERNETES
                ? "the pod's AppArmor profile forbids mounting: in its securityContext, appArmorProfile: {type: Unconfined}"
                : "the outer container's AppArmor profile forbids mounting: run it with --security-opt"
                        + " apparmor=unconfined";
    }

    /// /proc or /sys are masked, so the kernel allows no new one.
    static String maskedProc(HostFiles host) {
        String why = "a new /proc or /sys is refused because /proc is masked on this host (nested container?): ";
        return switch (host.surroundings()) {
            case KUBERNETES -> why + "in the pod's securityContext, procMount: Unmasked, with hostUsers: false";
            case PODMAN -> why + "run the outer container with --security-opt unmask=ALL";
            case HOST, DOCKER, WSL2, GITHUB_ACTIONS ->
                why + "run the outer container with --security-opt systempaths=unconfined (podman: unmask=ALL)";
        };
    }

    /// The upper layer of an overlay lies on another overlay.
    public static String volume() {
        return "an overlay can't lie on another one, as a container's root file system is: put the directory on a volume";
    }
}
