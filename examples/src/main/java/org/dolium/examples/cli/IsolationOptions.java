// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Network;
import org.dolium.container.UserNamespace;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about namespaces and privileges.
final class IsolationOptions {
    @Option(
            names = {"--network", "--net"},
            paramLabel = "MODE",
            description = "none, host, ns:PATH or loopback (default)")
    private String network = "loopback";

    @Option(names = {"-h", "--hostname"}, paramLabel = "NAME", description = "Host name (default: dolium)")
    private @Nullable String hostname;

    @Option(names = "--domainname", paramLabel = "NAME", description = "NIS domain name")
    private @Nullable String domainname;

    @Option(
            names = "--userns",
            paramLabel = "MODE",
            description = "host (default for root), single (default for others), subordinate, or isolated:"
                    + " subordinate ids only, also for root")
    private @Nullable String userns;

    @Option(names = "--pid", paramLabel = "MODE", description = "private (default), host or ns:PATH")
    private String pid = "private";

    @Option(names = "--ipc", paramLabel = "MODE", description = "private (default), host or ns:PATH")
    private String ipc = "private";

    @Option(names = "--uts", paramLabel = "MODE", description = "private (default), host or ns:PATH")
    private String uts = "private";

    @Option(names = "--cgroupns", paramLabel = "MODE", description = "private (default), host or ns:PATH")
    private String cgroupns = "private";

    @Option(names = "--cap-add", paramLabel = "NAME", description = "Add a capability, or ALL that there are")
    private List<String> capAdd = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "NAME", description = "Drop a capability, or ALL")
    private List<String> capDrop = new ArrayList<>();

    @Option(
            names = "--security-opt",
            paramLabel = "OPTION",
            description = "seccomp=PROFILE (standard, docker, strict, unconfined or a JSON file), no-new-privileges[=false] (default:"
                    + " true), systempaths=unconfined, apparmor=PROFILE, label=type:TYPE or another part of the SELinux"
                    + " context, or keyring=inherited")
    private List<String> securityOpts = new ArrayList<>();

    @Option(
            names = "--landlock",
            paramLabel = "RULE",
            description = "Only what is listed: ro=PATH:…, rw=PATH:…, exec=PATH:…; bind=PORT,…, connect=PORT,…")
    private List<String> landlock = new ArrayList<>();

    @Option(
            names = "--without-namespaces",
            description = "For hosts without user namespaces: a process of the host, confined by --landlock and a filter only")
    private boolean withoutNamespaces;

    @Option(
            names = "--sysctl",
            paramLabel = "NAME=VALUE",
            description = "Set a kernel parameter of the container's own namespaces, e.g. net.ipv4.ip_forward=1")
    private List<String> sysctls = new ArrayList<>();

    private final List<String> notes = new ArrayList<>();

    /// What a user should know about the options that were applied.
    List<String> notes() {
        return List.copyOf(notes);
    }

    boolean isWithoutNamespaces() {
        return withoutNamespaces;
    }

    void apply(ContainerBuilder builder) throws IOException {
        applyNetwork(builder);
        namespace(builder, NamespaceKind.PID, "--pid", pid);
        namespace(builder, NamespaceKind.IPC, "--ipc", ipc);
        namespace(builder, NamespaceKind.UTS, "--uts", uts);
        namespace(builder, NamespaceKind.CGROUP, "--cgroupns", cgroupns);
        if (userns != null) {
            builder.userNamespace(userNamespace(userns));
        }
        if (hostname != null) {
            builder.hostname(hostname);
        }
        if (domainname != null) {
            builder.domainname(domainname);
        }
        if (withoutNamespaces) {
            builder.withoutNamespaces();
        }
        for (String name : capDrop) { // also of what an init would get besides
            builder.dropCapabilities(name.equalsIgnoreCase("ALL") ? Capability.values() : new Capability[] {Capability.parse(name)});
        }
        builder.capabilities(CapabilityText.sets(capAdd, capDrop, hostUsers()));
        LandlockText.apply(landlock, builder);
        for (String sysctl : sysctls) {
            String[] pair = OptionText.pair("--sysctl", sysctl, "NAME=VALUE");
            builder.sysctl(pair[0], pair[1]);
        }
        LabelText label = new LabelText();
        for (String option : securityOpts) {
            security(option, builder, label);
        }
        label.apply(builder);
    }

    private void applyNetwork(ContainerBuilder builder) {
        switch (network) {
            case "none" -> builder.network(Network.none());
            case "host" -> builder.network(Network.host());
            case "loopback" -> builder.network(Network.loopback());
            default -> builder.namespace(
                    NamespaceKind.NET, joined("--network", network, "none, host, loopback or ns:PATH"));
        }
    }

    private static void namespace(ContainerBuilder builder, NamespaceKind kind, String option, String mode) {
        switch (mode) {
            case "private" -> {}
            case "host" -> builder.namespace(kind, NamespaceMode.host());
            default -> builder.namespace(kind, joined(option, mode, "private, host or ns:PATH"));
        }
    }

    private static NamespaceMode joined(String option, String mode, String known) {
        if (mode.startsWith("ns:") && mode.length() > 3) {
            return NamespaceMode.join(Path.of(mode.substring(3)));
        }
        throw new IllegalArgumentException(option + " '" + mode + "' is unknown; there is " + known);
    }

    private boolean hostUsers() throws IOException {
        boolean privileged = (CapabilityText.permitted() >>> Capability.SYS_ADMIN.ordinal() & 1) != 0;
        return "host".equals(userns) || userns == null && privileged;
    }

    private static UserNamespace userNamespace(String mode) {
        return switch (mode) {
            case "host" -> UserNamespace.host();
            case "single" -> UserNamespace.single();
            case "subordinate" -> UserNamespace.subordinate();
            case "isolated" -> UserNamespace.isolated();
            default -> throw new IllegalArgumentException(
                    "--userns '" + mode + "' is unknown; there is host, single, subordinate or isolated");
        };
    }

    private void security(String option, ContainerBuilder builder, LabelText label) throws IOException {
        String word = option.replaceFirst("^([^=:]*):", "$1=");
        String value = word.substring(word.indexOf('=') + 1);
        switch (word) {
            case "no-new-privileges", "no-new-privileges=true" -> builder.noNewPrivileges(true);
            case "no-new-privileges=false" -> builder.noNewPrivileges(false);
            case "systempaths=unconfined" -> builder.withoutStandardMasks();
            case "keyring=inherited" -> builder.inheritSessionKeyring();
            case "apparmor=unconfined" -> {} // it is so
            default -> {
                if (word.startsWith("apparmor=")) {
                    builder.appArmor(value);
                } else if (word.startsWith("seccomp=")) {
                    builder.seccomp(SeccompText.profile(value, notes));
                } else if (word.startsWith("label=")) {
                    label.add(value);
                } else {
                    throw new IllegalArgumentException("--security-opt '" + option
                            + "' is unknown; there is seccomp=PROFILE, no-new-privileges[=true|false], systempaths=unconfined,"
                            + " apparmor=PROFILE, label=… and keyring=inherited");
                }
            }
        }
    }
}
