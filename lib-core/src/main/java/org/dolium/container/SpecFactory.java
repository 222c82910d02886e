// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.dolium.capability.Capability;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.Requirement;
import org.dolium.confinement.Confinement;
import org.dolium.host.Host;
import org.dolium.launch.DirectIdMaps;
import org.dolium.launch.HelperIdMaps;
import org.dolium.launch.IdMapWriter;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.Program;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Quoting;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.mount.BindOptions;
import org.dolium.mount.Dev;
import org.dolium.mount.Masks;
import org.dolium.mount.Mount;
import org.dolium.mount.Root;
import org.dolium.mount.Terminal;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.Namespaces;
import org.dolium.namespace.SubordinateIds;
import org.dolium.process.Command;
import org.dolium.process.CommandSearch;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.process.ProcessAttributes;
import org.dolium.process.UserDatabase;
import org.dolium.remedy.IdRanges;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SupervisedCalls;
import org.jspecify.annotations.Nullable;

/// Turns a builder's wishes into a complete sandbox, and collects everything that is wrong with them.
final class SpecFactory {
    private static final long TMP_BYTES = 1L << 30;
    private static final long RUN_BYTES = 64L << 20;
    private static final int TTY_GROUP = 5;

    private final ContainerBuilder wanted;
    private final Host host = WarmUp.shared().host();
    private final List<String> problems = new ArrayList<>();
    private final List<String> reductions = new ArrayList<>();
    private Credentials credentials = new Credentials(0, 0, List.of());
    private String home = "/root";
    private @Nullable IdMaps uidMaps;
    private @Nullable IdMaps gidMaps;
    private @Nullable IdMapWriter idMapWriter;
    private boolean joinsUsers;
    private boolean isolated;
    private final @Nullable WithoutNamespaces alone;
    private final List<MappedBind> mappedBinds = new ArrayList<>();

    private final @Nullable CgroupName lasting;

    SpecFactory(ContainerBuilder wanted) {
        this(wanted, null);
    }

    /// @param lasting the name of the cgroup of a container that outlives this JVM, or null
    SpecFactory(ContainerBuilder wanted, @Nullable CgroupName lasting) {
        this.lasting = lasting;
        this.wanted = wanted;
        this.alone = wanted.withoutNamespaces ? new WithoutNamespaces(wanted, host) : null;
    }

    ContainerSpec create() throws IOException {
        Command command = command();
        checkRoot();
        wanted.booted = wanted.osContainer ? OsContainer.detect(wanted, problems) : null;
        resolveUser();
        joinsUsers = joins(wanted.namespaces.get(NamespaceKind.USER));
        if (alone != null) {
            alone.check(credentials, problems);
        } else if (!joinsUsers) {
            mapIds();
        }
        leaveOutGroups();
        Namespaces namespaces = namespaces();
        boolean ownMounts = namespaces.isNew(NamespaceKind.MOUNT);
        Environment environment = environment(namespaces);
        List<Mount> mounts = ownMounts ? mounts(namespaces) : List.of();
        checkRest(namespaces, ownMounts);
        if (lasting != null) {
            DetachedLaunch.check(wanted, namespaces, problems);
        }
        GroupPlan group = GroupPlan.of(
                wanted, host, canMountCgroups(namespaces), OsContainer.delegation(wanted, uidMaps, gidMaps), canMakeDevices(),
                lasting, problems, reductions);
        @Nullable Root root = ownMounts ? root(namespaces) : null;
        Confinement confinement = new Confining(wanted, namespaces, problems, reductions).confinement();
        SeccompProfile seccomp = Filtering.check(wanted, credentials.uid(), host, problems);
        if (alone != null) {
            alone.reduce(seccomp, reductions);
        }
        SupervisedCalls supervised = null;
        Interception interception = wanted.interception;
        if (interception != null && wanted.init && !Filtering.isLate(wanted, credentials.uid(), host)) {
            problems.add("an init can't be where system calls are intercepted and no_new_privs is off: its own would be, too");
        }
        if (interception != null && interception.check(problems)) {
            seccomp = interception.withConstantFaults(seccomp);
            supervised = Interception.supervised(
                    interception, seccomp, Filtering.target(wanted, credentials.uid(), host), host, problems);
        }
        if (!problems.isEmpty() || command == null || environment == null) {
            throw new IllegalArgumentException("invalid container:" + list(problems));
        }
        SandboxSpec spec = new SandboxSpec(
                namespaces,
                uidMaps,
                gidMaps,
                wanted.timeOffsets,
                root,
                wanted.rootPropagation,
                mounts,
                masks(),
                namespaces.isNew(NamespaceKind.UTS) ? hostname() : null,
                wanted.domainname,
                wanted.network == Network.LOOPBACK && namespaces.isNew(NamespaceKind.NET),
                wanted.rlimits,
                wanted.oomScoreAdj,
                wanted.umask,
                credentials,
                alone == null ? wanted.capabilities().forUser(credentials.uid()) : alone.capabilities(credentials),
                wanted.noNewPrivileges,
                wanted.workingDirectory,
                command,
                environment,
                group.entry(LaunchRequest.FIRST_PASSED_FD + namespaces.joined().size() + mappedBinds.size()),
                seccomp,
                supervised,
                confinement,
                wanted.init);
        Program program = Program.compile(SandboxPlanner.plan(spec, host));
        return new ContainerSpec(wanted, new Blueprint(
                spec, host, diskUpper(), idMapWriter, List.copyOf(mappedBinds), group, program),
                reductions);
    }

    /// Whether the container is root on the host in all that counts for the files of its cgroup, and sees no group above.
    private boolean canMountCgroups(Namespaces namespaces) {
        boolean administrator = (wanted.capabilities().bounding() >>> Capability.SYS_ADMIN.ordinal() & 1) != 0;
        return administrator && !hasUserNamespace() && namespaces.isNew(NamespaceKind.CGROUP);
    }

    /// Device files are made in the container's own /dev, where they work.
    private boolean canMakeDevices() {
        boolean maker = (wanted.capabilities().bounding() & Capability.MKNOD.bit()) != 0;
        return maker && !hasUserNamespace() && host.canMakeDevices();
    }

    private static boolean joins(@Nullable NamespaceMode mode) {
        return mode != null && mode.joins();
    }

    private @Nullable Command command() {
        try {
            return new Command(wanted.words());
        } catch (IllegalArgumentException e) {
            problems.add(message(e));
            return null;
        }
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }

    private void checkRoot() {
        if (wanted.rootfs instanceof Rootfs.Directory directory) {
            checkDirectory("root file system", directory.path());
        } else if (wanted.rootfs instanceof Rootfs.Overlay overlay) {
            if (overlay.lower().size() > Root.Overlay.MOST_LAYERS) {
                problems.add("the overlay has " + overlay.lower().size() + " layers, and overlayfs takes no more than "
                        + Root.Overlay.MOST_LAYERS);
            }
            for (Path lower : overlay.lower()) {
                checkDirectory("overlay layer", lower);
                checkLength("overlay layer", lower, 0);
            }
            if (overlay.upper() instanceof Rootfs.Upper.Disk disk) {
                checkDirectory("parent of the overlay's upper layer", disk.parent());
                checkLength("parent of the overlay's upper layer", disk.parent(), UpperDirectory.LONGEST_NAME);
            }
        }
    }

    private void checkLength(String what, Path path, int more) {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length + more > Root.Overlay.LONGEST_OPTION) {
            problems.add(what + " '" + path + "' has a longer path than overlayfs takes: "
                    + (Root.Overlay.LONGEST_OPTION - more) + " bytes");
        }
    }

    private void checkDirectory(String what, Path path) {
        if (!Files.isDirectory(path)) {
            problems.add(what + " '" + path + "' is " + (Files.exists(path) ? "no directory" : "missing"));
        }
    }

    private void resolveUser() throws IOException {
        String user = alone == null ? wanted.user : alone.user();
        if (user == null || !problems.isEmpty()) {
            return;
        }
        try {
            UserDatabase users = wanted.users == null ? wanted.rootfs.users() : wanted.users;
            UserDatabase.User found = users.resolve(user);
            credentials = found.credentials();
            home = found.home();
        } catch (IllegalArgumentException e) {
            problems.add(message(e));
        }
    }

    private List<Path> roots() {
        if (wanted.rootfs instanceof Rootfs.Directory directory) {
            return List.of(directory.path());
        }
        return wanted.rootfs instanceof Rootfs.Overlay overlay ? overlay.lower() : List.of(Path.of("/"));
    }

    private UserNamespace userNamespace() {
        if (wanted.userNamespace != null) {
            return wanted.userNamespace;
        }
        if (wanted.osContainer) {
            return ofOsContainer();
        }
        return host.privileged() ? UserNamespace.host() : UserNamespace.single();
    }

    private UserNamespace ofOsContainer() {
        if (!host.privileged()) {
            return UserNamespace.subordinate();
        }
        if (wanted.rootfs instanceof Rootfs.Overlay overlay && overlay.upper() instanceof Rootfs.Upper.Disk) {
            reductions.add("no user namespace of its own, so its root is the host's: an upper layer on disk can't be used in one");
            return UserNamespace.host();
        }
        return UserNamespace.isolated(Requirement.PREFERRED);
    }

    private void mapIds() throws IOException {
        UserNamespace mode = userNamespace();
        if (mode instanceof UserNamespace.Host) {
            if (!host.privileged()) {
                problems.add("a JVM without CAP_SYS_ADMIN needs a user namespace to make the others");
            }
        } else if (mode instanceof UserNamespace.Single) {
            map(IdMaps.single(credentials.uid(), host.uid()), IdMaps.single(credentials.gid(), host.gid()));
        } else if (mode instanceof UserNamespace.Mapped mapped) {
            map(mapped.uids(), mapped.gids());
        } else if (mode instanceof UserNamespace.Isolated isolatedMode) {
            isolate(isolatedMode);
        } else {
            IdMaps uids = subordinate("/etc/subuid", host.uid());
            IdMaps gids = subordinate("/etc/subgid", host.gid());
            if (uids != null && gids != null) {
                map(uids, gids);
            }
        }
    }

    private void isolate(UserNamespace.Isolated mode) throws IOException {
        if (!host.privileged()) {
            map(IdMaps.single(credentials.uid(), host.uid()), IdMaps.single(credentials.gid(), host.gid()));
            return;
        }
        IdMaps uids = mode.uids() == null ? granted("/etc/subuid") : mode.uids();
        IdMaps gids = mode.gids() == null ? granted("/etc/subgid") : mode.gids();
        boolean able = host.canMapAnyId() && host.initialUserNamespace();
        if (able && uids != null && gids != null) {
            isolated = true;
            map(uids, gids);
            return;
        }
        String missing = able
                ? "/etc/subuid and /etc/subgid grant no ids to root"
                : "this JVM can't map ids of the first user namespace";
        String remedy = able ? IdRanges.grant("root") : "";
        if (mode.requirement() == Requirement.REQUIRED) {
            throw new UnsupportedHostException("no user namespace of its own: " + missing, remedy, null);
        }
        reductions.add("no user namespace of its own, so its root is the host's: " + missing);
    }

    private @Nullable IdMaps granted(String file) throws IOException {
        String text = Files.exists(Path.of(file)) ? Files.readString(Path.of(file)) : "";
        try {
            List<IdMap> ranges = SubordinateIds.parse(text, "root", 0);
            return ranges.isEmpty() ? null : SubordinateIds.only(ranges);
        } catch (IllegalArgumentException e) {
            problems.add(file + ": " + message(e));
            return null;
        }
    }

    private @Nullable IdMaps subordinate(String file, long own) throws IOException {
        Path path = Path.of(file);
        String text = Files.exists(path) ? Files.readString(path) : "";
        try {
            List<IdMap> ranges = SubordinateIds.parse(text, System.getProperty("user.name", ""), host.uid());
            if (!ranges.isEmpty()) {
                return SubordinateIds.withOwn(own, ranges);
            }
            problems.add("no subordinate ids: " + file + " has no line for uid " + host.uid() + ": "
                    + IdRanges.grant(System.getProperty("user.name", "")));
        } catch (IllegalArgumentException e) {
            problems.add(file + ": " + message(e));
        }
        return null;
    }

    private void map(IdMaps uids, IdMaps gids) {
        uidMaps = uids;
        gidMaps = gids;
        checkMapped("user", uids, credentials.uid());
        checkMapped("group", gids, credentials.gid());
        boolean own = uids.isSingle() && gids.isSingle();
        if (host.canMapAnyId() || own) {
            idMapWriter = new DirectIdMaps(uids, gids, !host.canMapAnyId());
        } else {
            idMapWriter = new HelperIdMaps(uids, gids);
        }
    }

    /// A user namespace that an unprivileged user made with a single id has no supplementary groups of its own.
    private void leaveOutGroups() {
        boolean single = gidMaps != null && !host.canMapAnyId() && gidMaps.isSingle();
        if ((single || host.groupsDenied()) && !credentials.groups().isEmpty()) {
            reductions.add("supplementary groups " + credentials.groups() + " of user '" + wanted.user
                    + "' are left out: setgroups(2) is forbidden in a user namespace with a single id");
            credentials = new Credentials(credentials.uid(), credentials.gid(), List.of());
        }
    }

    private void checkMapped(String what, IdMaps maps, long id) {
        if (!maps.maps(id)) {
            problems.add(what + " " + id + " is not mapped in the user namespace " + maps);
        }
    }

    private Namespaces namespaces() {
        Map<NamespaceKind, NamespaceMode> modes = new LinkedHashMap<>();
        if (alone != null) {
            return Namespaces.of(modes);
        }
        NamespaceKind[] standard = {
            NamespaceKind.MOUNT, NamespaceKind.PID, NamespaceKind.UTS, NamespaceKind.IPC, NamespaceKind.CGROUP
        };
        for (NamespaceKind kind : standard) {
            modes.put(kind, NamespaceMode.fresh());
        }
        modes.put(NamespaceKind.NET, wanted.network == Network.HOST ? NamespaceMode.host() : NamespaceMode.fresh());
        if (uidMaps != null) {
            modes.put(NamespaceKind.USER, NamespaceMode.fresh());
        }
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : wanted.namespaces.entrySet()) {
            override(modes, entry.getKey(), entry.getValue());
        }
        if (wanted.timeOffsets != null) {
            modes.put(NamespaceKind.TIME, NamespaceMode.fresh());
        }
        return Namespaces.of(modes);
    }

    private void override(Map<NamespaceKind, NamespaceMode> modes, NamespaceKind kind, NamespaceMode mode) {
        if (kind == NamespaceKind.USER && (!mode.joins() || wanted.userNamespace != null)) {
            problems.add("the user namespace is chosen with userNamespace(), or an existing one is joined");
        } else if (kind == NamespaceKind.TIME && mode instanceof NamespaceMode.New) {
            problems.add("a new time namespace is made with timeOffsets()");
        }
        if (mode instanceof NamespaceMode.Join join && !Files.exists(join.path())) {
            problems.add("namespace to join '" + join.path() + "' is missing");
        }
        modes.put(kind, mode);
    }

    private @Nullable Environment environment(Namespaces namespaces) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", CommandSearch.DEFAULT_PATH);
        variables.put("HOME", home);
        if (namespaces.isNew(NamespaceKind.UTS) && hostname().indexOf('\0') < 0) {
            variables.put("HOSTNAME", hostname());
        }
        if (wanted.terminal != null) {
            variables.put("TERM", "xterm");
        }
        if (wanted.osContainer) {
            variables.put("container", "dolium");
            variables.put("container_uuid", UUID.randomUUID().toString());
        }
        variables.putAll(wanted.environment);
        int before = problems.size();
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            try {
                Environment.check(variable.getKey(), variable.getValue());
            } catch (IllegalArgumentException e) {
                problems.add(message(e));
            }
        }
        return problems.size() == before ? Environment.of(variables) : null;
    }

    private String hostname() {
        return wanted.hostname == null ? "dolium" : wanted.hostname;
    }

    private Root root(Namespaces namespaces) {
        if (isolated && !(wanted.rootfs instanceof Rootfs.Host)) {
            return isolatedRoot(namespaces);
        }
        if (wanted.rootfs instanceof Rootfs.Directory directory) {
            return new Root.Directory(directory.path().toString(), directory.readOnly());
        }
        if (wanted.rootfs instanceof Rootfs.Overlay overlay) {
            List<String> lower = new ArrayList<>();
            for (Path path : overlay.lower()) {
                lower.add(path.toString());
            }
            return linkedIfNeeded(new Root.Overlay(lower, upper(overlay.upper()), hasUserNamespace()));
        }
        return new Root.Host();
    }

    /// Its files belong to the same ids inside as on the host.
    private Root isolatedRoot(Namespaces namespaces) {
        if (wanted.rootfs instanceof Rootfs.Directory directory) {
            String path = directory.path().toString();
            return new Root.Passed(passed(path, directory.readOnly() ? MountFlags.RDONLY : 0, namespaces), path);
        }
        Rootfs.Overlay overlay = (Rootfs.Overlay) wanted.rootfs;
        if (!(overlay.upper() instanceof Rootfs.Upper.Memory)) {
            problems.add("an overlay with an upper layer on disk can't be used in an isolated user namespace");
        }
        List<String> layers = new ArrayList<>();
        int first = -1;
        for (Path path : overlay.lower()) {
            layers.add(path.toString());
            int fd = passed(path.toString(), MountFlags.RDONLY, namespaces);
            first = first < 0 ? fd : first;
        }
        return linkedIfNeeded(new Root.Overlay(layers, upper(overlay.upper()), true, first, false));
    }

    private Root.Overlay linkedIfNeeded(Root.Overlay overlay) {
        if (overlay.inUserNamespace() && overlay.upper() instanceof Root.Upper.Memory && !host.kernelAtLeast(6, 6)) {
            reductions.add("directories of the layers can't be removed: before Linux 6.6 a user namespace's file systems in memory have no"
                    + " attributes of users, in which overlayfs keeps that; an upper layer on disk has them");
        }
        return overlay.needsOptionPerLayer() && !host.kernelAtLeast(6, 8) ? overlay.withLinks() : overlay;
    }

    /// Lets the JVM make an id-mapped tree for the root.
    private int passed(String path, int attributes, Namespaces namespaces) {
        Propagation spread =
                wanted.rootPropagation == Propagation.SLAVE ? Propagation.SLAVE : Propagation.PRIVATE;
        int all = attributes | MountFlags.NOSUID | MountFlags.NODEV;
        int fd = LaunchRequest.FIRST_PASSED_FD + namespaces.joined().size() + mappedBinds.size();
        if (uidMaps == null || gidMaps == null) {
            throw new IllegalStateException("isolated without maps");
        }
        mappedBinds.add(new MappedBind(path, new BindOptions(true, all, spread), uidMaps, gidMaps));
        return fd;
    }

    private static Root.Upper upper(Rootfs.Upper upper) {
        if (upper instanceof Rootfs.Upper.Memory memory) {
            return new Root.Upper.Memory(memory.size().bytes(), Tmpfs.inodesFor(memory.size().bytes()));
        }
        return new Root.Upper.Disk("(new directory)/upper", "(new directory)/work");
    }

    private @Nullable Path diskUpper() {
        return wanted.rootfs instanceof Rootfs.Overlay overlay && overlay.upper() instanceof Rootfs.Upper.Disk disk
                ? disk.parent()
                : null;
    }

    private boolean hasUserNamespace() {
        return uidMaps != null || joinsUsers;
    }

    private List<Mount> mounts(Namespaces namespaces) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(
                namespaces.isNew(NamespaceKind.PID) ? new Mount.Proc() : new Mount.HostTree("/proc", false));
        boolean ownSysfs = namespaces.isNew(NamespaceKind.NET) || !hasUserNamespace();
        mounts.add(ownSysfs ? new Mount.Sysfs() : new Mount.HostTree("/sys", true));
        boolean ttyGroupMapped = !joinsUsers
                && (gidMaps == null ? host.ttyGroupMapped() : gidMaps.maps(TTY_GROUP));
        int ttyGroup = ttyGroupMapped ? TTY_GROUP : -1;
        mounts.add(new Dev(
                !hasUserNamespace() && host.canMakeDevices(), ttyGroup, namespaces.isNew(NamespaceKind.IPC), terminal()));
        addStandardMemory(mounts);
        int own = mounts.size();
        if (wanted.osContainer) {
            OsContainer.addMounts(wanted, mounts, taken());
        }
        for (Tmpfs memory : wanted.tmpfs.values()) {
            addMount(mounts, memory::mount);
        }
        for (Bind bind : wanted.binds) {
            if (Files.exists(bind.source())) {
                addMount(mounts, () -> bind(bind, namespaces));
            } else {
                problems.add("bind source '" + bind.source() + "' is missing");
            }
        }
        addVolumes(mounts);
        MountOrder.sort(mounts, own);
        if (wanted.madeWorkingDirectory) {
            mounts.add(0, new Mount.Made(wanted.workingDirectory, credentials.uid(), credentials.gid()));
        }
        GivenFile.add(wanted, mounts, problems);
        if (wanted.rootfs instanceof Rootfs.Overlay overlay && overlay.readOnly()) {
            mounts.add(new Mount.Sealed());
        }
        return mounts;
    }

    /// Where something else is mounted there is no volume. Those that are first in order are made first.
    private void addVolumes(List<Mount> mounts) {
        boolean sealed = wanted.rootfs instanceof Rootfs.Overlay overlay && overlay.readOnly();
        Set<String> taken = wanted.volumes.isEmpty() ? Set.of() : taken();
        for (String volume : wanted.volumes) {
            if (!taken.contains(volume)) {
                addMount(mounts, new MountMaker() {
                    @Override
                    public Mount make() {
                        return Volumes.mount(volume, sealed);
                    }
                });
            }
        }
    }

    private Set<String> taken() {
        Set<String> taken = new HashSet<>(wanted.tmpfs.keySet());
        for (Bind bind : wanted.binds) {
            taken.add(bind.target());
        }
        return taken;
    }

    private @Nullable Terminal terminal() {
        TerminalSize size = wanted.terminal;
        return size == null ? null : new Terminal(size.rows(), size.columns(), credentials.uid());
    }

    private void addStandardMemory(List<Mount> mounts) {
        if (!(wanted.rootfs instanceof Rootfs.Host)) {
            return;
        }
        Set<String> taken = taken();
        int attributes = MountFlags.NOSUID | MountFlags.NODEV;
        if (!taken.contains("/tmp")) {
            mounts.add(new Mount.Tmpfs("/tmp", TMP_BYTES, Tmpfs.inodesFor(TMP_BYTES), 01777, attributes));
        }
        if (!taken.contains("/run")) { // the host's sockets are in there
            mounts.add(new Mount.Tmpfs("/run", RUN_BYTES, Tmpfs.inodesFor(RUN_BYTES), 0755, attributes));
        }
    }

    private interface MountMaker {
        Mount make();
    }

    private void addMount(List<Mount> mounts, MountMaker maker) {
        try {
            mounts.add(maker.make());
        } catch (IllegalArgumentException e) {
            problems.add(message(e));
        }
    }

    private Mount bind(Bind bind, Namespaces namespaces) {
        String source = bind.source().toString();
        boolean directory = Files.isDirectory(bind.source());
        Path base = bind.base();
        if (!bind.isIdMapped() && !isolated) {
            return base == null
                    ? new Mount.Bind(source, bind.target(), directory, bind.options())
                    : new Mount.Bind(
                            base.toString(), base.relativize(bind.source()).toString(), bind.target(), directory, bind.options());
        }
        if (base != null) {
            throw new IllegalArgumentException("bind '" + bind + "' of a source below a directory can't be id-mapped");
        }
        IdMaps uids = bind.uids() == null ? uidMaps : bind.uids();
        IdMaps gids = bind.gids() == null ? gidMaps : bind.gids();
        if (uids == null || gids == null) {
            throw new IllegalArgumentException(
                    "id-mapped bind '" + bind + "' has no maps: the container has no user namespace of its own");
        }
        if (!host.privileged() || !host.initialUserNamespace()) {
            throw new IllegalArgumentException(
                    "id-mapped bind '" + bind + "' needs a JVM with CAP_SYS_ADMIN in the first user namespace");
        }
        int fd = LaunchRequest.FIRST_PASSED_FD + namespaces.joined().size() + mappedBinds.size();
        Mount mount = new Mount.Passed(fd, source, bind.target(), directory);
        mappedBinds.add(new MappedBind(source, bind.options(), uids, gids));
        return mount;
    }

    private Masks masks() {
        Masks masks = wanted.standardMasks ? Masks.standard(host.throttlePaths()) : Masks.none();
        List<String> files = new ArrayList<>();
        List<String> directories = new ArrayList<>();
        for (String path : wanted.maskedPaths) {
            (looksLikeDirectory(path) ? directories : files).add(path);
        }
        return masks.plus(new Masks(files, directories, wanted.readOnlyPaths));
    }

    /// A guess that is checked at launch: a mask of the wrong kind does not go unnoticed, the kernel refuses it.
    private boolean looksLikeDirectory(String path) {
        if (path.startsWith("/proc/") || path.startsWith("/sys/")) {
            return Files.isDirectory(Path.of(path));
        }
        for (Path root : roots()) {
            if (Files.isDirectory(root.resolve(path.substring(1)))) {
                return true;
            }
        }
        return false;
    }

    private void checkRest(Namespaces namespaces, boolean ownMounts) {
        if (wanted.init && !namespaces.isNew(NamespaceKind.PID)) {
            problems.add("an init needs a pid namespace of the container's own");
        }
        if (!ownMounts && (!(wanted.rootfs instanceof Rootfs.Host) || !wanted.binds.isEmpty() || !wanted.tmpfs.isEmpty()
                || !wanted.files.isEmpty())) {
            problems.add("a root file system and mounts need a mount namespace of the container's own");
        }
        checkTerminal(ownMounts);
        if (wanted.osContainer) {
            OsContainer.check(wanted, credentials, namespaces, problems);
        }
        if (wanted.wishes != null) {
            wanted.wishes.check(wanted, problems);
        }
        checkName(wanted.hostname, namespaces);
        checkName(wanted.domainname, namespaces);
        checkPath("working directory", wanted.workingDirectory);
        if (!(wanted.rootfs instanceof Rootfs.Overlay) && (wanted.madeWorkingDirectory || !wanted.volumes.isEmpty())) {
            problems.add("a working directory that is made, and volumes, need an overlay, whose writes end with the container");
        }
        for (String path : wanted.maskedPaths) {
            checkPath("masked path", path);
        }
        for (String path : wanted.readOnlyPaths) {
            checkPath("read-only path", path);
        }
        if ((wanted.umask & ~0777) != 0) {
            problems.add("umask 0" + Integer.toOctalString(wanted.umask) + " is not between 0 and 0777");
        }
        if (wanted.oomScoreAdj != null && (wanted.oomScoreAdj < -1000 || wanted.oomScoreAdj > 1000)) {
            problems.add("oomScoreAdj " + wanted.oomScoreAdj + " is not between -1000 and 1000");
        }
    }

    private void checkTerminal(boolean ownMounts) {
        if (wanted.terminal == null) {
            return;
        }
        if (!ownMounts) {
            problems.add("a terminal needs a mount namespace of the container's own, in whose /dev it is made");
        }
        if (wanted.input != Redirect.PIPE || wanted.output != Redirect.PIPE || wanted.error != Redirect.PIPE) {
            problems.add("a terminal is all three standard streams; none of them can be redirected");
        }
    }

    private void checkName(@Nullable String name, Namespaces namespaces) {
        if (name == null) {
            return;
        }
        if (!namespaces.isNew(NamespaceKind.UTS)) {
            problems.add("name '" + name + "' needs a uts namespace of the container's own");
        }
        try {
            ProcessAttributes.checkedName(name);
        } catch (IllegalArgumentException e) {
            problems.add(message(e));
        }
    }

    private void checkPath(String what, String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            problems.add(what + " '" + path.replace('\0', '?') + "' is not an absolute path");
        }
    }

    /// A line for each; what a caller or an image gave can't make further ones.
    static String list(List<String> problems) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < problems.size(); i++) {
            out.append("\n  - ").append(Quoting.printable(problems.get(i)));
        }
        return out.toString();
    }
}
