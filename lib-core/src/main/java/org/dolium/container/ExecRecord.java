// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Confinement;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.SecurityLabel;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arg;
import org.dolium.linux.Propagation;
import org.dolium.mount.Masks;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.Namespaces;
import org.dolium.process.Command;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.process.Rlimit;
import org.dolium.process.UserDatabase;
import org.dolium.sandbox.ExecPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.state.Entry;
import org.dolium.state.Fields;
import org.dolium.state.Run;
import org.jspecify.annotations.Nullable;

/// What a further command in a detached container is made from, in the file `exec` of the container's directory, which is written before
/// the container may outlive its JVM. Nothing of it is ever read from the container: what that can change is not believed.
///
/// The filter of system calls is in it as it was compiled, so that another version of Dolium installs the same.
///
/// @param pid the first process, of which this tells
/// @param birth when that was born
/// @param maker what the JVM was like that started the container
/// @param basis complete, for the JVM that started the container
record ExecRecord(String id, int pid, long birth, Surroundings maker, ExecBasis basis) {
    private static final String NEW = "new ";
    private static final String JOINED = "joined ";
    private static final String SHARED = "shared ";
    private static final String NONE = "none";
    private static final int CAPABILITY_SETS = 5;

    /// @throws IOException if it is missing, damaged, or not about that process
    static ExecRecord read(Entry entry, Run run) throws IOException {
        byte[] content = entry.exec();
        String shown = entry.id() + "/" + Entry.EXEC;
        if (content == null) {
            throw new IOException("'" + shown + "' is missing: the container was started by an older version of Dolium,"
                    + " and further commands need that it is started again");
        }
        ExecRecord record = parse(content, shown);
        if (!record.id.equals(entry.id()) || record.pid != run.pid() || record.birth != run.birth()) {
            throw Fields.damaged(shown, "it is of another container, or of another start of this one");
        }
        return record;
    }

    byte[] bytes() {
        SandboxSpec spec = basis.spec();
        Fields fields = new Fields().add("id", id).add("pid", pid).add("birth", birth);
        for (NamespaceKind kind : NamespaceKind.values()) {
            String here = maker.namespaces().get(kind.procName());
            if (here != null) {
                fields.add("at", kind.procName() + " " + here);
            }
            String mode = spec.namespaces().isNew(kind) ? NEW : spec.namespaces().joins(kind) ? JOINED : SHARED;
            fields.add("namespace", mode + kind.procName());
        }
        fields.add("bounding", hex(maker.bounding())).add("jvm-no-new-privileges", maker.noNewPrivileges() ? 1 : 0)
                .add("filters", maker.filters()).add("jvm-oom", maker.oomScoreAdj()).add("context", maker.label());
        addNumbers(fields, "jvm-group", maker.groups());
        addLimits(fields, "jvm-limit", maker.limits());
        fields.add("jvm-capabilities", hex(basis.host().capabilities())).add("groups-denied", basis.host().groupsDenied() ? 1 : 0);
        addMaps(fields, "uids", spec.uidMaps());
        addMaps(fields, "gids", spec.gidMaps());
        fields.add("uid", spec.credentials().uid()).add("gid", spec.credentials().gid());
        addNumbers(fields, "group", spec.credentials().groups());
        fields.add("capabilities", text(spec.capabilities())).add("asked", text(basis.capabilities()))
                .add("no-new-privileges", spec.noNewPrivileges() ? 1 : 0).add("umask", spec.umask())
                .add("directory", spec.workingDirectory());
        fields.add("oom", spec.oomScoreAdj() == null ? NONE : Integer.toString(spec.oomScoreAdj()));
        addLimits(fields, "limit", spec.rlimits());
        for (Map.Entry<String, String> variable : spec.environment().variables().entrySet()) {
            fields.add("variable", variable.getKey() + "=" + variable.getValue());
        }
        addConfinement(fields, spec.confinement());
        ExecBasis.Filter filter = basis.filter();
        fields.add("profile", spec.seccomp().name());
        Arg.Filter program = filter == null ? null : filter.program();
        fields.add("filter", program == null ? NONE : Base64.getEncoder().encodeToString(program.program()));
        fields.add("forbidden", filter == null ? List.of() : filter.forbidden());
        UserDatabase users = basis.users();
        if (users != null) {
            fields.add("passwd", users.passwd()).add("group-file", users.group());
        }
        return fields.add("no-users", basis.noUsers()).add("own-home", basis.ownHome() ? 1 : 0).add("system", basis.system() ? 1 : 0)
                .add("terminals", basis.terminals() ? 1 : 0).bytes();
    }

    private static void addConfinement(Fields fields, Confinement confinement) {
        fields.add("keyring", confinement.ownKeyring() ? 1 : 0).add("label-calls", confinement.labelCalls() ? 1 : 0)
                .add("landlock-version", confinement.landlockVersion());
        for (int i = 0; i < confinement.labels().size(); i++) {
            fields.add("label", confinement.labels().get(i).module() + " " + confinement.labels().get(i).text());
        }
        Landlock landlock = confinement.landlock();
        fields.add("landlock", landlock == null ? 0 : 1).add("rule", landlock == null ? List.of() : landlock.words());
    }

    private static void addNumbers(Fields fields, String key, List<Long> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            fields.add(key, numbers.get(i));
        }
    }

    private static void addLimits(Fields fields, String key, List<Rlimit> limits) {
        for (int i = 0; i < limits.size(); i++) {
            Rlimit limit = limits.get(i);
            fields.add(key, limit.resource().name().toLowerCase(Locale.ROOT) + "=" + limit.soft() + ":" + limit.hard());
        }
    }

    private static void addMaps(Fields fields, String key, @Nullable IdMaps maps) {
        for (int i = 0; maps != null && i < maps.extents().size(); i++) {
            fields.add(key, maps.extents().get(i).toString());
        }
    }

    private static String hex(long bits) {
        return Long.toHexString(bits);
    }

    private static String text(CapabilitySets sets) {
        return hex(sets.bounding()) + " " + hex(sets.effective()) + " " + hex(sets.permitted()) + " " + hex(sets.inheritable()) + " "
                + hex(sets.ambient());
    }

    /// What is not exactly what [#bytes] writes is damaged, whatever its sum is.
    static ExecRecord parse(byte[] content, String shown) throws IOException {
        ExecRecord record;
        try {
            record = parse(Fields.parse(content, shown), shown);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            throw Fields.damaged(shown, String.valueOf(e.getMessage()));
        }
        if (!Arrays.equals(record.bytes(), content)) {
            throw Fields.damaged(shown, "it says something twice, in another order, or that this version does not know");
        }
        return record;
    }

    private static ExecRecord parse(Fields from, String shown) throws IOException {
        Map<NamespaceKind, NamespaceMode> modes = new LinkedHashMap<>();
        int pid = Math.toIntExact(from.number("pid", shown));
        for (String words : from.all("namespace")) {
            NamespaceKind kind = kind(words.substring(words.indexOf(' ') + 1));
            modes.put(kind, words.startsWith(NEW) ? NamespaceMode.fresh()
                    : words.startsWith(JOINED) ? NamespaceMode.Join.ofPid(pid, kind) : NamespaceMode.host());
        }
        Map<String, String> at = new LinkedHashMap<>();
        for (String words : from.all("at")) {
            at.put(words.substring(0, words.indexOf(' ')), words.substring(words.indexOf(' ') + 1));
        }
        Surroundings maker = new Surroundings(
                at, bits(from.one("bounding", shown)), flag(from, "jvm-no-new-privileges", shown), from.number("filters", shown),
                numbers(from.all("jvm-group")), limits(from.all("jvm-limit")), Math.toIntExact(from.number("jvm-oom", shown)),
                from.one("context", shown));
        if (maker.limits().size() != Rlimit.Resource.values().length) {
            throw Fields.damaged(shown, "it does not say all limits");
        }
        String profile = from.one("profile", shown);
        String program = from.one("filter", shown);
        Arg.Filter compiled = program.equals(NONE) ? null : SeccompProfile.filter(profile, Base64.getDecoder().decode(program));
        SeccompProfile seccomp = compiled == null // the compiled one is installed; nobody looks at the rules
                ? SeccompProfile.unconfined()
                : SeccompProfile.denying(SeccompAction.KILL_PROCESS).unknownCalls(SeccompAction.KILL_PROCESS);
        String oom = from.one("oom", shown);
        SandboxSpec spec = new SandboxSpec(
                Namespaces.of(modes), maps(from.all("uids")), maps(from.all("gids")), null, null, Propagation.PRIVATE, List.of(),
                Masks.none(), null, null, false, limits(from.all("limit")), oom.equals(NONE) ? null : Integer.valueOf(oom),
                Math.toIntExact(from.number("umask", shown)),
                new Credentials(from.number("uid", shown), from.number("gid", shown), numbers(from.all("group"))),
                sets(from.one("capabilities", shown)), flag(from, "no-new-privileges", shown), from.one("directory", shown),
                new Command(List.of(NONE)), environment(from.all("variable")), null, seccomp.named(profile), null,
                confinement(from, shown), false);
        String passwd = from.find("passwd", shown);
        String group = from.find("group-file", shown);
        ExecBasis basis = new ExecBasis(
                spec, host(bits(from.one("jvm-capabilities", shown)), flag(from, "groups-denied", shown), maker), sets(from.one("asked", shown)),
                null, passwd == null || group == null ? null : new UserDatabase(passwd.getBytes(UTF_8), group.getBytes(UTF_8)), from.one("no-users", shown),
                flag(from, "own-home", shown), flag(from, "system", shown), flag(from, "terminals", shown),
                new ExecBasis.Filter(compiled, from.all("forbidden")));
        return new ExecRecord(from.one("id", shown), pid, from.number("birth", shown), maker, basis);
    }

    private static NamespaceKind kind(String name) {
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (kind.procName().equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("there is no namespace '" + name + "'");
    }

    ExecBasis basisHere() throws IOException {
        return basisFor(Surroundings.here());
    }

    /// The same for the processes of another JVM: each has what those had of the JVM that started the container, or less.
    ///
    /// @throws IOException if they would have more
    ExecBasis basisFor(Surroundings here) throws IOException {
        SandboxSpec spec = basis.spec();
        List<String> shared = new ArrayList<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            boolean own = spec.namespaces().isNew(kind) || spec.namespaces().joins(kind);
            if (!own || kind == NamespaceKind.USER) { // that of the JVM says what ids and capabilities mean
                shared.add(kind.procName());
            }
        }
        Confinement confinement = spec.confinement();
        List<String> problems = here.differences(
                maker, shared, ExecPlanner.keepsGroups(spec, basis.host()), !confinement.labels().isEmpty());
        if (!problems.isEmpty()) {
            throw new IOException("a command that this JVM runs in container " + id + " would not be confined as the container is, and"
                    + " so is not run: compared with the JVM that started the container " + String.join("; ", problems));
        }
        List<Rlimit> limits = new ArrayList<>(spec.rlimits());
        limits.addAll(here.limitsToLower(maker, limits));
        boolean ownUsers = spec.uidMaps() != null || spec.namespaces().joins(NamespaceKind.USER);
        long most = ownUsers ? -1 : maker.bounding();
        Integer oom = spec.oomScoreAdj() == null && here.oomScoreAdj() < maker.oomScoreAdj() ? Integer.valueOf(maker.oomScoreAdj()) : spec.oomScoreAdj();
        SandboxSpec narrowed = spec.inherited(
                limits, oom, spec.capabilities().within(most), spec.noNewPrivileges() || maker.noNewPrivileges(),
                new Confinement(
                        confinement.ownKeyring() || Confining.canMakeKeyrings(), List.of(), confinement.labels(), confinement.labelCalls(),
                        confinement.landlock(), confinement.landlockVersion()));
        return new ExecBasis(
                narrowed, basis.host(), basis.capabilities().within(most), null, basis.users(), basis.noUsers(), basis.ownHome(),
                basis.system(), basis.terminals(), basis.filter());
    }

    private static Confinement confinement(Fields from, String shown) throws IOException {
        List<SecurityLabel> labels = new ArrayList<>();
        for (String label : from.all("label")) {
            int blank = label.indexOf(' ');
            labels.add(new SecurityLabel(SecurityLabel.Module.valueOf(label.substring(0, blank)), label.substring(blank + 1)));
        }
        return new Confinement(
                flag(from, "keyring", shown), List.of(), labels, flag(from, "label-calls", shown),
                flag(from, "landlock", shown) ? Landlock.of(from.all("rule")) : null,
                Math.toIntExact(from.number("landlock-version", shown)));
    }

    private static boolean flag(Fields from, String key, String shown) throws IOException {
        return from.number(key, shown) != 0;
    }

    private static long bits(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    private static CapabilitySets sets(String text) {
        String[] words = text.split(" ", -1);
        if (words.length != CAPABILITY_SETS) {
            throw new IllegalArgumentException("there are " + words.length + " sets of capabilities");
        }
        return new CapabilitySets(bits(words[0]), bits(words[1]), bits(words[2]), bits(words[3]), bits(words[4]));
    }

    private static List<Long> numbers(List<String> texts) {
        List<Long> numbers = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            numbers.add(Long.valueOf(texts.get(i)));
        }
        return numbers;
    }

    private static List<Rlimit> limits(List<String> texts) {
        List<Rlimit> limits = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            limits.add(Rlimit.parse(texts.get(i)));
        }
        return limits;
    }

    private static @Nullable IdMaps maps(List<String> extents) {
        return extents.isEmpty() ? null : IdMaps.parse(String.join(",", extents));
    }

    private static Environment environment(List<String> variables) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < variables.size(); i++) {
            int equals = variables.get(i).indexOf('=');
            all.put(variables.get(i).substring(0, equals), variables.get(i).substring(equals + 1));
        }
        return Environment.of(all);
    }

    /// This machine, and what the JVM could do that started the container: its kernel answers as it did then.
    private static Host host(long capabilities, boolean groupsDenied, Surroundings maker) {
        Host here = HostProbe.host();
        long core = Surroundings.least(here.coreHardLimit(), maker.limit(Rlimit.Resource.CORE).hard());
        return new Host(
                here.arch(), here.kernelMajor(), here.kernelMinor(), here.lastCapability(), here.uid(), here.gid(), capabilities,
                here.initialUserNamespace(), groupsDenied, here.ttyGroupMapped(), core, here.seccompFilters(),
                here.throttlePaths());
    }
}
