// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.SecurityLabel;
import org.dolium.linux.Errno;
import org.dolium.linux.Propagation;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.TimeOffsets;
import org.dolium.process.Rlimit;
import org.dolium.process.UserDatabase;
import org.dolium.seccomp.SeccompProfile;
import org.jspecify.annotations.Nullable;

/// Says what a container shall be, and starts it.
///
/// Without further words a container has: the host's root file system, read-only; its own `/proc`, `/dev`, `/tmp`,
/// `/run` and, where it has its own network, `/sys`; new mount, pid, uts, ipc, cgroup and network namespaces with only
/// `lo` up; a user namespace where the JVM is not privileged; 11 capabilities, `no_new_privs` and a filter of system calls.
///
/// [#start] gives a running [Container]; [#run] waits for the end and collects the output. Both check everything first
/// and report all problems at once. A builder is not thread-safe.
///
/// ```java
/// Result result = ContainerBuilder.create()
///         .rootfs(Rootfs.host())
///         .command("sh", "-c", "id; hostname")
///         .run(Duration.ofSeconds(10));
/// System.out.print(result.stdout());
/// ```
public final class ContainerBuilder {
    private static final int DEFAULT_CAPTURE = 16 << 20;

    Rootfs rootfs = Rootfs.host();
    List<String> entrypoint = List.of();
    @Nullable List<String> command;
    List<String> defaultCommand = List.of();
    final Map<String, String> environment = new LinkedHashMap<>();
    @Nullable String user;
    @Nullable UserDatabase users;
    String workingDirectory = "/";
    boolean madeWorkingDirectory;
    final Set<String> volumes = new LinkedHashSet<>();
    final Map<String, String> labels = new LinkedHashMap<>();
    final Set<String> exposedPorts = new LinkedHashSet<>();
    @Nullable HealthCheck healthCheck;
    @Nullable Signal stopSignal;
    boolean init;
    boolean osContainer;
    @Nullable InitSystem initSystem;
    /// What boots it, as it was found when the container was last built; null if it is no OS container.
    @Nullable InitSystem booted;
    private long dropped;
    final List<Consumer<? super ContainerEvent>> listeners = new ArrayList<>(0);
    final List<Holding> holdings = new ArrayList<>();
    @Nullable String hostname;
    @Nullable String domainname;
    final List<Bind> binds = new ArrayList<>();
    final Map<String, GivenFile> files = new LinkedHashMap<>();
    Propagation rootPropagation = Propagation.PRIVATE;
    final Map<String, Tmpfs> tmpfs = new LinkedHashMap<>();
    Network network = Network.LOOPBACK;
    @Nullable UserNamespace userNamespace;
    final Map<NamespaceKind, NamespaceMode> namespaces = new LinkedHashMap<>();
    @Nullable TimeOffsets timeOffsets;
    CapabilitySets capabilities = CapabilitySets.standard();
    boolean noNewPrivileges = true;
    SeccompProfile seccomp = SeccompProfile.standard();
    @Nullable Interception interception;
    boolean seccompChosen;
    boolean withoutNamespaces;
    boolean ownKeyring = true;
    @Nullable Landlock landlock;
    Requirement landlockRequirement = Requirement.REQUIRED;
    final Map<SecurityLabel.Module, String> securityLabels = new EnumMap<>(SecurityLabel.Module.class);
    final Map<String, String> sysctls = new LinkedHashMap<>();
    final List<Rlimit> rlimits = new ArrayList<>();
    @Nullable Integer oomScoreAdj;
    int umask = 022;
    final List<String> maskedPaths = new ArrayList<>();
    final List<String> readOnlyPaths = new ArrayList<>();
    boolean standardMasks = true;
    Redirect input = Redirect.PIPE;
    Redirect output = Redirect.PIPE;
    Redirect error = Redirect.PIPE;
    boolean mergeError;
    @Nullable TerminalSize terminal;
    boolean openStdin;
    @Nullable OutputWishes wishes;
    byte @Nullable [] inputBytes;
    int captureLimit = DEFAULT_CAPTURE;
    Duration startTimeout = Duration.ofSeconds(60);
    Limits limits = Limits.none();
    CgroupPlacement cgroup = CgroupPlacement.automatic();
    @Nullable String name;

    private ContainerBuilder() {}

    public static ContainerBuilder create() {
        WarmUp.shared();
        return new ContainerBuilder();
    }

    /// The root file system; the host's, read-only, if not called.
    public ContainerBuilder rootfs(Rootfs rootfs) {
        this.rootfs = rootfs;
        return this;
    }

    /// The command and its arguments; what follows the [#entrypoint] if there is one. A name without a slash is looked for in the
    /// container's `PATH`. Nothing is split and no shell is involved.
    public ContainerBuilder command(String... command) {
        this.command = List.of(command);
        return this;
    }

    /// As [#command(String...)].
    public ContainerBuilder command(List<String> command) {
        this.command = List.copyOf(command);
        return this;
    }

    /// The first words of the command, which [#command] does not replace; none if not called or called with none. The
    /// [#defaultCommand], which was meant for another one, no longer counts.
    public ContainerBuilder entrypoint(String... words) {
        return entrypoint(List.of(words));
    }

    /// As [#entrypoint(String...)].
    public ContainerBuilder entrypoint(List<String> words) {
        this.entrypoint = List.copyOf(words);
        this.defaultCommand = List.of();
        return this;
    }

    /// The command if [#command] is not called.
    public ContainerBuilder defaultCommand(List<String> command) {
        this.defaultCommand = List.copyOf(command);
        return this;
    }

    /// What is run.
    List<String> words() {
        List<String> rest = command == null ? defaultCommand : command;
        if (entrypoint.isEmpty()) {
            return osContainer && rest.isEmpty() ? OsContainer.COMMAND : rest;
        }
        List<String> words = new ArrayList<>(entrypoint);
        words.addAll(rest);
        return words;
    }

    /// Sets an environment variable. The container inherits none of the JVM's; it has `PATH`, `HOME` and `HOSTNAME`
    /// unless they are set here.
    public ContainerBuilder env(String name, String value) {
        environment.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /// Sets several environment variables.
    public ContainerBuilder env(Map<String, String> variables) {
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            env(variable.getKey(), variable.getValue());
        }
        return this;
    }

    /// The user, and optionally the group, as `name`, `uid`, `name:group` or `uid:gid`; names are looked up in
    /// /etc/passwd and /etc/group of the root file system. Id 0 if not called.
    public ContainerBuilder user(String user) {
        this.user = user;
        return this;
    }

    /// The users and groups that names are looked up in, in place of the files of the root file system: for who starts many
    /// containers of the same one, and reads [Rootfs#users] once.
    public ContainerBuilder users(UserDatabase users) {
        this.users = users;
        return this;
    }

    /// An absolute path in the container; `/` if not called. It must exist, unless [#makeWorkingDirectory] is called, and the user
    /// must be able to enter it.
    public ContainerBuilder workingDirectory(String path) {
        this.workingDirectory = path;
        return this;
    }

    /// Makes the working directory if the root file system has none, and then it belongs to the user. The root must be an
    /// overlay, whose writes end with the container; nothing is ever made in what is mounted there.
    public ContainerBuilder makeWorkingDirectory() {
        this.madeWorkingDirectory = true;
        return this;
    }

    /// Makes sure that there is a directory at `path` which the command can write to, also if the root is
    /// [Rootfs.Overlay#asReadOnly]. It has what the layers have there, and ends with the container. A mount at the same path takes its
    /// place. The root must be an overlay.
    public ContainerBuilder volume(String path) {
        volumes.add(Objects.requireNonNull(path, "path"));
        return this;
    }

    /// A remark, which [Container#labels] gives back. It has no effect.
    public ContainerBuilder label(String name, String value) {
        labels.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /// A remark that the command listens there, as `80/tcp`, which [Container#exposedPorts] gives back. It has no effect.
    public ContainerBuilder exposedPort(String port) {
        exposedPorts.add(Objects.requireNonNull(port, "port"));
        return this;
    }

    /// A remark how to see whether the container works, which [Container#healthCheck] gives back. It has no effect.
    public ContainerBuilder healthCheck(HealthCheck check) {
        this.healthCheck = check;
        return this;
    }

    /// What [Container#stop(Duration)] asks the command to end with; if not called `SIGTERM`, or what shuts an [#osContainer] down.
    public ContainerBuilder stopSignal(Signal signal) {
        this.stopSignal = Objects.requireNonNull(signal, "signal");
        return this;
    }

    Signal stopSignal() {
        return stopSignal != null ? stopSignal : booted == null ? Signal.TERM : booted.stopSignal();
    }

    /// Boots the root file system: the command, `/sbin/init` if [#command] is not called, is the init of a whole system with services of
    /// its own, as Debian's systemd or sysvinit. Which one it is is seen from its program; see [#osContainer(InitSystem)].
    ///
    /// It gets what systemd's "Container Interface" asks for: the variables `container` and `container_uuid`, which becomes its
    /// machine id if its /etc/machine-id is empty; memory file systems at /run, /run/lock and /tmp; /sys read-only; /dev/console if it
    /// has a [#terminal()]. Its ids are subordinate ones if this host has any to give and [#userNamespace] is not called: then its
    /// root is nobody on the host. For systemd there is a cgroup of v2 to make groups in, one level below all
    /// limits, which it can neither see nor change. It has no more capabilities than any container, no_new_privs and the
    /// same filter: it mounts nothing, and services that ask to be confined further run without that, as systemd decides.
    ///
    /// [Container#stop(Duration)] shuts it down in order; give it the time that services need. Ending by itself it ends the container,
    /// also if it asks the kernel to restart. [Container#exec] works as ever; in there `systemctl is-system-running --wait` tells when
    /// it has booted.
    ///
    /// ```java
    /// try (Container debian = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer().start()) {
    ///     debian.exec("systemctl", "list-units").run();
    ///     debian.stop(Duration.ofSeconds(30));
    /// }
    /// ```
    public ContainerBuilder osContainer() {
        this.osContainer = true;
        this.initSystem = null;
        return this;
    }

    /// As [#osContainer()], for an init that is known: also where the command is a script that ends as one.
    public ContainerBuilder osContainer(InitSystem init) {
        this.osContainer = true;
        this.initSystem = Objects.requireNonNull(init, "init");
        return this;
    }

    /// Whether the first process of the container's pid namespace is an init that Dolium brings, and the command its child; if not
    /// called, the command itself is process 1.
    ///
    /// An init waits for processes whose parents have ended, which otherwise may stay zombies, and hands every signal that the
    /// container gets on to the command, which then acts on it as anywhere: process 1 has only signals that it has handlers
    /// for. It ends as the command does: with its exit code, or with 128 and the number of the signal that ended it. So
    /// [ExitStatus.Signalled] is only told if the whole container was killed. [Container#pid] is the pid of the init.
    ///
    /// It is a part of the launch's own program, of a few hundred bytes, with the container's user and capabilities and a system
    /// call filter that has nothing but what it does. It needs a pid namespace of the container's own.
    public ContainerBuilder init(boolean wanted) {
        this.init = wanted;
        return this;
    }

    /// Tells `handler` what happens to each container of this builder, from its beginning on; see [Container#onEvent].
    public ContainerBuilder onEvent(Consumer<? super ContainerEvent> handler) {
        listeners.add(Objects.requireNonNull(handler, "handler"));
        return this;
    }

    /// Something that is held while a container of this builder exists.
    public ContainerBuilder holding(Holding holding) {
        holdings.add(holding);
        return this;
    }

    /// The host name, at most 64 bytes; see sethostname(2). `dolium` if not called.
    public ContainerBuilder hostname(String name) {
        this.hostname = name;
        return this;
    }

    /// The NIS domain name, at most 64 bytes; see setdomainname(2).
    public ContainerBuilder domainname(String name) {
        this.domainname = name;
        return this;
    }

    /// Lets a file or directory of the host appear, writable, at `target`.
    public ContainerBuilder bind(Path source, String target) {
        return mount(Bind.of(source, target));
    }

    /// Lets a file or directory of the host appear at `target`, read-only with everything below it.
    public ContainerBuilder bindReadOnly(Path source, String target) {
        return mount(Bind.of(source, target).readOnly());
    }

    /// Adds a bind mount.
    public ContainerBuilder mount(Bind bind) {
        binds.add(bind);
        return this;
    }

    /// How later mounts at the root spread; see mount_namespaces(7) and [Bind#propagation]. Nothing ever spreads to the
    /// host. Private if not called.
    public ContainerBuilder rootPropagation(Propagation propagation) {
        this.rootPropagation = propagation;
        return this;
    }

    /// Mounts an empty file system in memory, at most 64 MiB.
    public ContainerBuilder tmpfs(String target) {
        return mount(Tmpfs.of(target));
    }

    /// Mounts an empty file system in memory, at most `size`. It replaces a standard one, as that of `/tmp`.
    public ContainerBuilder tmpfs(String target, MemorySize size) {
        return mount(Tmpfs.of(target).size(size));
    }

    /// Mounts an empty file system in memory. It replaces a standard one, as that of `/tmp`, and one that was asked for
    /// earlier at the same place.
    public ContainerBuilder mount(Tmpfs memory) {
        tmpfs.put(memory.target(), memory);
        return this;
    }

    /// Puts a file into the root file system before the command's first instruction; see [#file(String, byte[], int)]. Its text is in
    /// UTF-8 and its permissions are 0644.
    public ContainerBuilder file(String path, String content) {
        return file(path, content.getBytes(StandardCharsets.UTF_8), 0644);
    }

    /// Puts a file into the root file system before the command's first instruction, in the place of one that is there. It belongs to
    /// the container's root, and so do directories above it that are missing. Links on the way are followed inside the root; one with
    /// the file's own name is replaced. All files together have at most 1 MiB: more is copied with [Container#files].
    ///
    /// It ends with the container, so the path must be in the upper layer of an overlay or in a tmpfs. A directory of the host
    /// that others may share is never written to: give it a bind of a file instead.
    ///
    /// @param mode permissions from 0 to 0777
    public ContainerBuilder file(String path, byte[] content, int mode) {
        files.put(path, new GivenFile(content.clone(), mode));
        return this;
    }

    /// The network; [Network#LOOPBACK] if not called.
    public ContainerBuilder network(Network network) {
        this.network = network;
        return this;
    }

    /// Which ids the container has. If not called: the host's for a privileged JVM, else a single one.
    public ContainerBuilder userNamespace(UserNamespace userNamespace) {
        this.userNamespace = userNamespace;
        return this;
    }

    /// Makes, inherits or joins one namespace. The mount namespace is always new; network and user have methods of
    /// their own.
    ///
    /// A pid namespace of its own ends everything that the command leaves behind. With the host's, what is still in its process
    /// group is killed at its end, and a process that made itself a session, see setsid(2), only when the container's cgroup is
    /// removed.
    public ContainerBuilder namespace(NamespaceKind kind, NamespaceMode mode) {
        namespaces.put(kind, mode);
        return this;
    }

    /// For a host that refuses user namespaces to this user: no namespaces at all, and no root file system of its own. The
    /// command is a process of the JVM's user like others, confined by [#landlock] rules about files, which are required; by
    /// the system call filter, [SeccompProfile#withoutNamespaces] unless [#seccomp] is called; and by `no_new_privs`. The
    /// rules are [Landlock#scoped] where the kernel can. Everything that needs a namespace is an error: another root, mounts,
    /// masks, names, networks, other users.
    ///
    /// It is weaker than a container: [Container#reductions] says in what. Never chosen by itself.
    ///
    /// ```java
    /// builder.withoutNamespaces().command("make", "-C", "/home/me/project")
    ///         .landlock(Landlock.create().execute("/usr", "/lib", "/lib64", "/bin").readOnly("/etc")
    ///                 .readWrite("/home/me/project", "/dev/null").bindTcp().connectTcp())
    /// ```
    public ContainerBuilder withoutNamespaces() {
        this.withoutNamespaces = true;
        return this;
    }

    /// Makes a time namespace whose clocks differ from the host's; see time_namespaces(7). Needs privileges.
    public ContainerBuilder timeOffsets(Duration monotonic, Duration boottime) {
        this.timeOffsets = new TimeOffsets(monotonic, boottime);
        return this;
    }

    /// Replaces the capabilities; [CapabilitySets#standard] if not called.
    public ContainerBuilder capabilities(CapabilitySets capabilities) {
        this.capabilities = capabilities;
        return this;
    }

    /// Adds capabilities to the bounding, permitted and effective sets. With `MKNOD` and the host's ids, a list of devices
    /// comes into force: those of /dev, unless [org.dolium.cgroup.Limit#devices] says otherwise.
    public ContainerBuilder addCapabilities(Capability... added) {
        for (Capability capability : added) {
            capabilities = capabilities.plus(capability);
        }
        return this;
    }

    /// Removes capabilities from every set.
    public ContainerBuilder dropCapabilities(Capability... dropped) {
        for (Capability capability : dropped) {
            capabilities = capabilities.minus(capability);
            this.dropped |= capability.bit();
        }
        return this;
    }

    /// What the container gets: also what its init needs, unless the caller took something away.
    CapabilitySets capabilities() {
        long standard = CapabilitySets.standard().bounding();
        boolean more = booted == InitSystem.SYSVINIT && (capabilities.bounding() & standard) == standard
                && (dropped & Capability.SYS_BOOT.bit()) == 0;
        return more ? capabilities.plus(Capability.SYS_BOOT) : capabilities;
    }

    /// Whether the command and its children can never gain privileges by an exec; true if not called. See prctl(2),
    /// `PR_SET_NO_NEW_PRIVS`.
    public ContainerBuilder noNewPrivileges(boolean value) {
        this.noNewPrivileges = value;
        return this;
    }

    /// The command uses the JVM's session keyring, and can read the keys in it; see session-keyring(7). If not called it
    /// has an empty one of its own, except where the host forbids keyrings, as Docker does in its containers:
    /// [Container#reductions] tells then.
    public ContainerBuilder inheritSessionKeyring() {
        this.ownKeyring = false;
        return this;
    }

    /// Confines the command by an AppArmor profile, which must have been loaded. The start fails with an
    /// [org.dolium.linux.UnsupportedHostException] where AppArmor is off, and with a
    /// [org.dolium.process.LaunchException] where there is no such profile.
    public ContainerBuilder appArmor(String profile) {
        securityLabels.put(SecurityLabel.Module.APPARMOR, profile);
        return this;
    }

    /// Confines the command by an SELinux context, as `system_u:system_r:container_t:s0:c1,c2`. The start fails with an
    /// [org.dolium.linux.UnsupportedHostException] where SELinux is off, and with a
    /// [org.dolium.process.LaunchException] where the policy has no such context. No file is ever relabelled.
    public ContainerBuilder seLinux(String context) {
        securityLabels.put(SecurityLabel.Module.SELINUX, context);
        return this;
    }

    /// Lets the command put these rules on itself, in addition to everything else. The start fails with an
    /// [org.dolium.linux.UnsupportedHostException] where the kernel can't enforce all of them.
    public ContainerBuilder landlock(Landlock rules) {
        return landlock(rules, Requirement.REQUIRED);
    }

    /// As [#landlock(Landlock)]. If they are [Requirement#PREFERRED], [Container#reductions] lists what the kernel can't
    /// enforce of them, and the container starts without that.
    public ContainerBuilder landlock(Landlock rules, Requirement requirement) {
        this.landlock = rules;
        this.landlockRequirement = requirement;
        return this;
    }

    /// Sets a parameter of the kernel that the container has for itself: `net.*` with a network namespace of its own,
    /// `kernel.msg*`, `kernel.sem`, `kernel.shm*` and `fs.mqueue.*` with an ipc namespace, `kernel.domainname` with a uts
    /// namespace; see sysctl(8). Inside a user namespace those of ipc can be set since Linux 6.9.
    public ContainerBuilder sysctl(String key, String value) {
        sysctls.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /// Which system calls the command and its children may make; [SeccompProfile#standard] if not called. The filter is
    /// installed last, so that only the exec of the command has to pass it. With `noNewPrivileges(false)` and without
    /// `CAP_SYS_ADMIN` it is installed before the ids are changed, and that has to pass it as well.
    ///
    /// The start fails with an [org.dolium.linux.UnsupportedHostException] where the kernel has no filters. See seccomp(2).
    public ContainerBuilder seccomp(SeccompProfile profile) {
        this.seccomp = profile;
        this.seccompChosen = true;
        return this;
    }

    /// Lets `handler` decide about each system call of this name that a process of the container makes: whether it goes on,
    /// fails, or returns a value of the handler's choice. The process waits meanwhile.
    ///
    /// ```java
    /// builder.onSyscall("mount", call -> call.fail(Errno.EBUSY));
    /// builder.onSyscall("openat", call -> {
    ///     opened.add(call.string(1));
    ///     return call.proceed();
    /// });
    /// ```
    ///
    /// **Not for protection**: [InterceptedSyscall] says why a handler that reads memory can't decide what a container may do.
    /// A call that the seccomp profile makes fail comes to the handler too, but can't go on; one that it kills for does not come.
    ///
    /// The handlers of one container run one after the other, on a virtual thread of Dolium's, in the order of the calls. So
    /// a handler must not wait for something that the container does in another intercepted call, nor for [Container#pause],
    /// which waits for the answer where it freezes by cgroup v1. When it throws, the call
    /// fails with `EPERM`, and [#run] or [Container#close] throws an [IllegalStateException] with the cause. One that still runs
    /// when the container ends is interrupted; [Container#close] does not wait for it.
    ///
    /// Calls are those of syscalls(2), which are not always the functions of a C library: open(3) makes `openat`. What only
    /// another architecture has never comes. Some never reach the kernel, as `clock_gettime` does not mostly; see vdso(7). The
    /// launch itself is not seen, the first call is one of the command; so exec of the command is none, but one by it is. A
    /// call that is interrupted by a signal comes again, where the kernel is older than 5.19 also while the handler runs.
    ///
    /// A call that is asked about takes some 15 µs longer, by changes of threads; other calls, and the start, take as long as
    /// without. The start fails with an [org.dolium.linux.UnsupportedHostException] where the kernel can't let calls wait.
    ///
    /// @param name as in syscalls(2); one handler each
    public ContainerBuilder onSyscall(String name, SyscallHandler handler) {
        interception().handle(Objects.requireNonNull(name, "name"), Objects.requireNonNull(handler, "handler"));
        return this;
    }

    /// Makes system calls of this name fail without being made, to test what the command does about it. Into which of them
    /// the fault is injected says what is called next; without further words into each.
    ///
    /// ```java
    /// ContainerBuilder.create().command("postgres")
    ///         .failSyscall("fsync", Errno.EIO).every(10)
    ///         .failSyscall("fallocate", Errno.ENOSPC).always()
    ///         .delaySyscall("pread64", Duration.ofMillis(50)).after(1000)
    /// ```
    ///
    /// The faults of a call are looked at in the order in which they were asked for, and each counts for itself: the first whose
    /// turn it is decides, delays add up. A handler is asked only if none decides. Faults at each call are the filter's own and
    /// cost nothing; others cost what [#onSyscall] tells, which also says what a call is.
    public SyscallFault failSyscall(String name, Errno errno) {
        return interception().fail(this, Objects.requireNonNull(name, "name"), errno);
    }

    /// Makes system calls of this name return `value` without being made; see [#failSyscall].
    public SyscallFault stubSyscall(String name, long value) {
        return interception().give(this, Objects.requireNonNull(name, "name"), value);
    }

    /// Delays system calls of this name, each for itself and before it is made; see [#failSyscall].
    public SyscallFault delaySyscall(String name, Duration delay) {
        return interception().delay(this, Objects.requireNonNull(name, "name"), delay);
    }

    /// Made when it is first needed: most containers need none, and load none of its classes.
    private Interception interception() {
        Interception known = interception;
        if (known == null) {
            known = new Interception();
            interception = known;
        }
        return known;
    }

    /// How much memory the container may use, at least 1 MiB. It may use no swap then, unless [#swap] says so. When it
    /// needs more, the kernel kills in it, and [ExitStatus.OutOfMemory] tells.
    public ContainerBuilder memory(MemorySize limit) {
        return limit(Limit.memoryMax(limit.bytes()));
    }

    /// How much swap the container may use besides memory. (Docker's `--memory-swap` is the sum of both.)
    public ContainerBuilder swap(MemorySize limit) {
        return limit(Limit.swapMax(limit.bytes()));
    }

    /// How many processors' time the container may use, for instance 1.5; at least 0.01.
    public ContainerBuilder cpus(double cpus) {
        return limit(Limit.cpus(cpus));
    }

    /// How many processes and threads there may be at once. 4096 if not called and this host can enforce it;
    /// [Limit#UNLIMITED] for no limit.
    public ContainerBuilder pids(long count) {
        return limit(Limit.pids(count));
    }

    /// Sets a limit. The start fails with an [org.dolium.linux.UnsupportedHostException] where it can't be enforced.
    public ContainerBuilder limit(Limit limit) {
        return limit(limit, Requirement.REQUIRED);
    }

    /// Sets a limit, in place of an earlier one of the same kind. If it is [Requirement#PREFERRED] and can't be enforced
    /// on this host, [Container#reductions] lists it and the container runs without.
    public ContainerBuilder limit(Limit limit, Requirement requirement) {
        limits = limits.with(limit, requirement);
        return this;
    }

    /// Where the container's cgroup is made; [CgroupPlacement#automatic] if not called.
    public ContainerBuilder cgroup(CgroupPlacement placement) {
        this.cgroup = placement;
        return this;
    }

    /// A name for the container's cgroup: a letter, digit, `_`, `+` or `-`, then up to 127 of these or `.`. Two containers
    /// of this JVM can't have the same one at the same time.
    public ContainerBuilder name(String name) {
        this.name = name;
        return this;
    }

    /// Sets a resource limit; see getrlimit(2). It must not exceed the JVM's hard limit unless the JVM is privileged.
    public ContainerBuilder rlimit(Rlimit rlimit) {
        for (int i = rlimits.size() - 1; i >= 0; i--) {
            if (rlimits.get(i).resource() == rlimit.resource()) {
                rlimits.remove(i); // the last word on a resource counts
            }
        }
        rlimits.add(rlimit);
        return this;
    }

    /// How likely the kernel kills the command when memory runs out, from -1000 to 1000; see proc(5). The JVM's if not
    /// called.
    public ContainerBuilder oomScoreAdj(int value) {
        this.oomScoreAdj = value;
        return this;
    }

    /// The file mode creation mask, from 0 to 0777; 022 if not called.
    public ContainerBuilder umask(int mask) {
        this.umask = mask;
        return this;
    }

    /// Adds a path that reads as empty and can't be written. A path that does not exist is no error.
    public ContainerBuilder maskPath(String path) {
        maskedPaths.add(path);
        return this;
    }

    /// Adds a path that is read-only with everything below it. A path that does not exist is no error.
    public ContainerBuilder readOnlyPath(String path) {
        readOnlyPaths.add(path);
        return this;
    }

    /// Leaves out the standard masked and read-only paths of /proc and /sys: the container sees more of the kernel.
    public ContainerBuilder withoutStandardMasks() {
        this.standardMasks = false;
        return this;
    }

    /// As [ProcessBuilder#redirectInput(Redirect)]: a pipe if not called, but nothing to read in [#run].
    public ContainerBuilder redirectInput(Redirect source) {
        this.input = source;
        return this;
    }

    /// As [ProcessBuilder#redirectOutput(Redirect)].
    public ContainerBuilder redirectOutput(Redirect destination) {
        this.output = destination;
        return this;
    }

    /// As [ProcessBuilder#redirectError(Redirect)].
    public ContainerBuilder redirectError(Redirect destination) {
        this.error = destination;
        return this;
    }

    /// As [ProcessBuilder#redirectErrorStream(boolean)]: standard error goes where standard output goes.
    public ContainerBuilder redirectErrorStream(boolean merge) {
        this.mergeError = merge;
        return this;
    }

    /// Keeps the standard input of a container that is started by [Containers] open, so that others can write to it:
    /// [DetachedContainer#attach]. It ends when one of them ends it and no other
    /// has it any more. Without this such a container reads nothing, unless it has a
    /// terminal. Others than these have a pipe anyway.
    public ContainerBuilder openStdin() {
        this.openStdin = true;
        return this;
    }

    /// Gives the command a terminal of 24 rows and 80 columns; see [#terminal(TerminalSize)].
    public ContainerBuilder terminal() {
        return terminal(TerminalSize.standard());
    }

    /// Gives the command a terminal of its own, in place of the three standard streams: its controlling terminal, with job
    /// control, and also /dev/console. It is allocated in the container's /dev/pts, where nobody else has one; no terminal of
    /// the host ever reaches the container.
    ///
    /// What the command prints, to standard output and to standard error, is [Process#getInputStream]; what is typed is
    /// [Process#getOutputStream], and closing that types the character that ends the input of a terminal. [Container#resize]
    /// changes its window. `TERM` is `xterm` if it is not set here. The command can make all that the terminal prints a
    /// control sequence of the reader's terminal: who shows it to somebody should trust it as far as Docker's users do.
    public ContainerBuilder terminal(TerminalSize size) {
        this.terminal = size;
        return this;
    }

    /// The container uses the JVM's own standard streams.
    public ContainerBuilder inheritIO() {
        return redirectInput(Redirect.INHERIT).redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
    }

    /// Tells `consumer` each line that the command prints to standard output; it may be called several times. Consumers run on a
    /// virtual thread, one after the other; while they work, the command waits when it has printed at most some 600 KiB more. A line
    /// ends with `\n` or `\r\n`, which are not part of it, and is decoded as UTF-8; one of more than a MiB comes in parts. All
    /// lines have been told when [#run] or [Container#close] returns; only a consumer that does not come back for five seconds after
    /// the end of the command is interrupted, and not told the rest, which is logged.
    ///
    /// [Process#getInputStream] is empty then; [#run] collects the output as well.
    public ContainerBuilder onStdoutLine(Consumer<? super String> consumer) {
        wishes().out.consumers.add(LineSplitter.strings(Objects.requireNonNull(consumer, "consumer")));
        return this;
    }

    /// As [#onStdoutLine], for standard error.
    public ContainerBuilder onStderrLine(Consumer<? super String> consumer) {
        wishes().err.consumers.add(LineSplitter.strings(Objects.requireNonNull(consumer, "consumer")));
        return this;
    }

    /// As [#onStdoutLine], for a consumer that looks at the bytes: no string is made, so it costs less time and no garbage.
    ///
    /// ```java
    /// builder.onStdoutLineBytes((bytes, offset, length) -> count.add(length > 0 && bytes[offset] == '{' ? 1 : 0));
    /// ```
    public ContainerBuilder onStdoutLineBytes(LineBytes consumer) {
        wishes().out.consumers.add(LineSplitter.bytes(Objects.requireNonNull(consumer, "consumer")));
        return this;
    }

    /// As [#onStdoutLineBytes], for standard error.
    public ContainerBuilder onStderrLineBytes(LineBytes consumer) {
        wishes().err.consumers.add(LineSplitter.bytes(Objects.requireNonNull(consumer, "consumer")));
        return this;
    }

    /// Has Dolium read both output streams from the start, and keep the last `limit` bytes of each for those who follow later:
    /// [Container#followStdout] and [Container#followStderr].
    public ContainerBuilder retainOutput(MemorySize limit) {
        wishes().retained = (int) Math.min(limit.bytes(), Integer.MAX_VALUE - 8);
        return this;
    }

    /// Appends what the command prints to standard output to a file. In contrast to [#redirectOutput] the command has no
    /// descriptor of the file, so it can neither empty it nor write elsewhere in it; the kernel moves the bytes there from a
    /// pipe. Nobody else should write to the file meanwhile. If it can't be written, because the disk is full, that is logged, and
    /// who prints gets `SIGPIPE` from then on; see pipe(7).
    public ContainerBuilder recordStdout(Path file) {
        wishes().out.file = Objects.requireNonNull(file, "file");
        return this;
    }

    /// As [#recordStdout], for standard error.
    public ContainerBuilder recordStderr(Path file) {
        wishes().err.file = Objects.requireNonNull(file, "file");
        return this;
    }

    private OutputWishes wishes() {
        OutputWishes known = wishes;
        if (known == null) {
            known = new OutputWishes();
            wishes = known;
        }
        return known;
    }

    /// What [#run] gives the command on standard input.
    public ContainerBuilder input(byte[] bytes) {
        this.inputBytes = bytes.clone();
        return this;
    }

    /// What [#run] gives the command on standard input, in UTF-8.
    public ContainerBuilder input(String text) {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    /// How many bytes [#run] keeps of each output stream; 16 MiB if not called. The rest is read and dropped.
    public ContainerBuilder captureLimit(MemorySize limit) {
        this.captureLimit = (int) Math.min(limit.bytes(), Integer.MAX_VALUE - 8);
        return this;
    }

    /// How long the launch itself may take; 60 s if not called.
    public ContainerBuilder startTimeout(Duration timeout) {
        this.startTimeout = timeout;
        return this;
    }

    /// Applies a reusable piece of configuration.
    public ContainerBuilder apply(Consumer<? super ContainerBuilder> customizer) {
        customizer.accept(this);
        return this;
    }

    /// Checks everything and gives a value that can be started many times.
    ///
    /// @throws IllegalArgumentException listing every problem
    /// @throws IOException if the user database of the root file system can't be read
    public ContainerSpec build() throws IOException {
        return new SpecFactory(this).create();
    }

    /// The same for a container that outlives this JVM.
    ContainerSpec buildDetached(CgroupName group) throws IOException {
        return new SpecFactory(this, group).create();
    }

    /// Starts the container and returns when its command runs.
    ///
    /// @throws IllegalArgumentException listing every problem of the configuration, before anything was done
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left then
    public Container start() throws IOException, InterruptedException {
        ContainerSpec spec = build();
        try {
            return spec.start();
        } finally {
            spec.release();
        }
    }

    /// Sets the container up and does not run its command before [Container#start]: namespaces, mounts, cgroup, ids and
    /// capabilities are in place, the root file system is there to be looked at and changed. The working directory is entered and
    /// the command looked for only then. The filter of system calls comes last, with the command.
    ///
    /// Closing it before, or the end of this JVM, leaves nothing.
    ///
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left then
    public Container prepare() throws IOException, InterruptedException {
        ContainerSpec spec = build();
        try {
            return spec.prepare();
        } finally {
            spec.release();
        }
    }

    /// Starts the container and runs it again when its command ends, as the policy says, until it is stopped or closed. Its output
    /// should go to files or the JVM's own streams: each run has pipes of its own, which somebody must read; see
    /// [ContainerSpec#supervise].
    public Supervised supervise(RestartPolicy policy) throws IOException, InterruptedException {
        return build().supervise(policy, container -> {});
    }

    /// Starts the container, waits for its end and collects its output.
    public Result run() throws IOException, InterruptedException {
        ContainerSpec spec = build();
        try {
            return spec.run();
        } finally {
            spec.release();
        }
    }

    /// As [#run()], but kills the container when `timeout` has passed.
    public Result run(Duration timeout) throws IOException, InterruptedException {
        ContainerSpec spec = build();
        try {
            return spec.run(timeout);
        } finally {
            spec.release();
        }
    }

    /// The system calls that [#start] would make, as strace prints them, without making any.
    public String explain() throws IOException {
        return build().explain();
    }
}
