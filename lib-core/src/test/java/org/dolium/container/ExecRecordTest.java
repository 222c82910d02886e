// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Confinement;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.SecurityLabel;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
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
import org.dolium.sandbox.Entrance;
import org.dolium.sandbox.ExecPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.BeforeEach;

/// What is written down of a container for further commands in it, and how much of it another JVM may give them.
class ExecRecordTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final List<String> MANY = List.of("at", "jvm-group", "uids", "gids", "group", "limit", "variable", "label", "rule", "forbidden");

    /// What a test changes.
    private final Map<NamespaceKind, NamespaceMode> modes = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>(Map.of("A", "b=c\nd\\"));
    private String workingDirectory = "/tmp";
    private String passwd = "root:x:0:0::/root:/bin/sh\n";
    private IdMaps maps = IdMaps.parse("0:100000:65536,70000:7:1");
    private boolean users = true;
    private SeccompProfile seccomp = SeccompProfile.standard();
    private CapabilitySets sets = CapabilitySets.standard().plus(Capability.SYS_TIME);
    private boolean noNewPrivileges = true;
    private Integer oom = -7;
    private List<Rlimit> limits = List.of(new Rlimit(Rlimit.Resource.NOFILE, 100, Rlimit.UNLIMITED));
    private Landlock landlock = Landlock.create().execute("/bin dir").readOnly("/etc").readWrite("/tmp").bindTcp().connectTcp(80, 443).scoped();
    private List<SecurityLabel> labels = List.of(new SecurityLabel(SecurityLabel.Module.APPARMOR, "docker-default"));
    private boolean keyring = true;

    private Surroundings here;
    private Host host = HostProbe.host();

    @BeforeEach
    void look() throws Exception {
        modes.clear();
        for (NamespaceKind kind : NamespaceKind.values()) {
            modes.put(kind, kind == NamespaceKind.TIME ? NamespaceMode.host() : NamespaceMode.fresh());
        }
        modes.put(NamespaceKind.NET, NamespaceMode.join(Path.of("/run/netns/x")));
        here = Surroundings.here();
    }

    /// A thread that may not gain privileges ends, and nobody else is concerned.
    @Test
    void what_confines_this_thread_counts_and_not_what_confines_the_first_one() throws Exception {
        Surroundings[] confined = new Surroundings[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                Kernel.check(Kernel.call(Sys.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS, 1)");
                confined[0] = Surroundings.here();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.join();
        assertThat(here.noNewPrivileges()).as("control").isFalse();
        assertThat(confined[0].noNewPrivileges()).isTrue();
    }

    private ExecRecord made() {
        if (!users) {
            modes.put(NamespaceKind.USER, NamespaceMode.host());
        }
        SandboxSpec spec = new SandboxSpec(
                Namespaces.of(modes), users ? maps : null, users ? maps : null, null, null, Propagation.PRIVATE, List.of(), Masks.none(), "box",
                null, true, limits, oom, 027, new Credentials(7, 8, List.of(9L, 10L)), sets.forUser(7), noNewPrivileges,
                workingDirectory, new Command(List.of("sleep")), Environment.of(variables), null, seccomp, null,
                new Confinement(keyring, List.of(), labels, true, landlock, 4), true);
        ExecBasis basis = new ExecBasis(
                spec, host, sets, null, new UserDatabase(passwd.getBytes(StandardCharsets.UTF_8), new byte[0]), "",
                true, false, true, null);
        return new ExecRecord(ID, 77, 123456789, here, basis.complete());
    }

    private static ExecRecord read(byte[] bytes) throws IOException {
        return ExecRecord.parse(bytes, "exec");
    }

    @Test
    void it_comes_back_as_it_was() throws Exception {
        ExecRecord made = made();
        ExecRecord read = read(made.bytes());
        assertThat(read.bytes()).isEqualTo(made.bytes());
        assertThat(read.id()).isEqualTo(ID);
        assertThat(read.pid()).isEqualTo(77);
        assertThat(read.maker()).isEqualTo(here);
        SandboxSpec spec = read.basis().spec();
        assertThat(spec.namespaces().entryFlags()).isEqualTo(made.basis().spec().namespaces().entryFlags());
        assertThat(spec.environment().variables()).isEqualTo(variables);
        assertThat(spec.credentials()).isEqualTo(new Credentials(7, 8, List.of(9L, 10L)));
        assertThat(spec.capabilities()).isEqualTo(sets.forUser(7));
        assertThat(read.basis().capabilities()).isEqualTo(sets);
        assertThat(spec.confinement().landlock()).hasToString(landlock.toString());
        assertThat(spec.confinement().labels()).isEqualTo(labels);
        assertThat(spec.uidMaps()).hasToString(maps.toString());
        assertThat(read.basis().users().resolve("root").home()).isEqualTo("/root");
    }

    /// The plan of a command is the same as if the container were this JVM's.
    @Test
    void what_is_planned_with_it_is_what_was_planned_before() throws Exception {
        for (boolean own : new boolean[] {true, false}) {
            users = own;
            noNewPrivileges = own;
            ExecRecord made = made();
            ExecRecord read = read(made.bytes());
            SandboxSpec before = made.basis().spec();
            SandboxSpec after = read.basis().spec();
            String planned = ExecPlanner.plan(before, made.basis().host(), Entrance.plain(true)).toString();
            Entrance entrance = new Entrance(true, null, read.basis().filter().program(), false);
            assertThat(ExecPlanner.plan(after, read.basis().host(), entrance).toString().replace("[\"none\"]", "[\"sleep\"]").replace("/none", "/sleep"))
                    .isEqualTo(planned);
        }
    }

    @Test
    void the_filter_is_the_one_that_was_compiled() throws Exception {
        SeccompProfile own = SeccompProfile.strict().with(org.dolium.seccomp.SeccompRule.allow("socket")
                .when(org.dolium.seccomp.SeccompCondition.equal(0, 1))).named("own rules");
        for (SeccompProfile profile : List.of(SeccompProfile.standard(), own)) {
            seccomp = profile;
            ExecBasis.Filter filter = read(made().bytes()).basis().filter();
            SeccompTarget target = new SeccompTarget(
                    HostProbe.host().arch(), sets.bounding(), HostProbe.host().kernelMajor(), HostProbe.host().kernelMinor());
            Arg.Filter program = filter.program();
            assertThat(program.program()).isEqualTo(profile.compile(target));
            assertThat(program.toString()).contains(profile.name());
            assertThat(filter.forbidden()).isEqualTo(profile == own ? List.of("setgroups", "setresgid", "setresuid", "capset") : List.of());
        }
        seccomp = SeccompProfile.unconfined();
        assertThat(read(made().bytes()).basis().filter().program()).isNull();
    }

    @Test
    void any_other_bit_is_damage_and_so_is_a_part() {
        byte[] good = made().bytes();
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> read(bad)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
            }
            byte[] part = Arrays.copyOf(good, at);
            assertThatThrownBy(() -> read(part)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
        }
    }

    /// A record with other lines and the sum that is right for them.
    private static byte[] summed(List<String> lines) {
        String body = String.join("\n", lines) + "\n";
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return (body + "sum " + Long.toHexString(crc.getValue() | 1L << 32).substring(1) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_line_that_is_missing_twice_there_moved_or_unknown_is_damage_also_with_a_right_sum() throws Exception {
        List<String> lines = new ArrayList<>(new String(made().bytes(), StandardCharsets.UTF_8).lines().toList());
        lines.removeLast();
        assertThat(read(summed(lines)).bytes()).isEqualTo(made().bytes());
        for (int i = 1; i < lines.size(); i++) {
            String key = lines.get(i).substring(0, lines.get(i).indexOf(' '));
            if (MANY.contains(key)) {
                continue;
            }
            List<String> missing = new ArrayList<>(lines);
            missing.remove(i);
            List<String> twice = new ArrayList<>(lines);
            twice.add(i, lines.get(i));
            List<String> moved = new ArrayList<>(missing);
            moved.add(i == 1 ? lines.size() - 1 : 1, lines.get(i));
            List<String> unknown = new ArrayList<>(lines);
            unknown.add(i, "other x");
            for (List<String> bad : List.of(missing, twice, moved, unknown)) {
                assertThatThrownBy(() -> read(summed(bad))).as(lines.get(i)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
            }
        }
        for (String change : List.of("umask 23=umask 023", "umask 23=umask +23", "pid 77=pid 4294967373", "namespace new mnt=namespace maybe mnt",
                "namespace new mnt=namespace new mount", "no-new-privileges 1=no-new-privileges 2", "landlock 1=landlock 0",
                "label APPARMOR docker-default=label NONE docker-default", "rule ro /etc=rule ra /etc", "rule connect 80=rule connect x",
                "uids 0:100000:65536=uids 0:100000", "oom -7=oom", "uid 7=uid -1", "jvm-limit cpu==jvm-limit cpa=")) {
            String from = change.substring(0, change.indexOf('=') == change.lastIndexOf("==") ? change.indexOf("==") + 1 : change.indexOf('='));
            String to = change.substring(from.length() + 1);
            List<String> changed = lines.stream().map(line -> line.startsWith(from) ? to + line.substring(from.length()) : line).toList();
            assertThat(changed).as(change).isNotEqualTo(lines);
            assertThatThrownBy(() -> read(summed(changed))).as(change).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
        }
    }

    @Property(tries = 300)
    void whatever_texts_there_are_come_back(
            @ForAll @Size(max = 5) Map<@StringLength(min = 1, max = 20) String, @StringLength(max = 30) String> texts,
            @ForAll @StringLength(max = 40) String path, @ForAll @StringLength(max = 40) String file) throws Exception {
        look();
        variables.clear();
        texts.forEach((name, value) -> variables.put(utf8(name).replace("=", "_"), utf8(value)));
        workingDirectory = "/" + utf8(path);
        passwd = utf8(file);
        ExecRecord made = made();
        ExecRecord read = read(made.bytes());
        assertThat(read.bytes()).isEqualTo(made.bytes());
        assertThat(read.basis().spec().environment().variables()).containsExactlyEntriesOf(variables);
        assertThat(read.basis().spec().workingDirectory()).isEqualTo(workingDirectory);
        assertThat(read.basis().users().passwd()).isEqualTo(passwd);
    }

    /// As the command would get it.
    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace('\0', '_');
    }

    private ExecBasis basisFor(Surroundings other) throws IOException {
        return read(made().bytes()).basisFor(other);
    }

    private Surroundings changed(Map<String, String> namespaces, long filters, List<Long> groups, String label) {
        Map<String, String> all = new LinkedHashMap<>(here.namespaces());
        all.putAll(namespaces);
        return new Surroundings(all, -1, false, filters, groups, here.limits(), here.oomScoreAdj(), label);
    }

    @Test
    void a_jvm_in_other_namespaces_is_refused_where_the_container_has_the_jvms() throws Exception {
        Surroundings other = changed(Map.of("time", "time:[1]", "net", "net:[1]", "mnt", "mnt:[1]"), here.filters(), here.groups(), "");
        assertThatThrownBy(() -> basisFor(other)).isInstanceOf(IOException.class).hasMessageContaining("it is in another time namespace, time:[1]")
                .hasMessageNotContaining("net").hasMessageNotContaining("mnt");
        Surroundings otherUsers = changed(Map.of("user", "user:[1]"), here.filters(), here.groups(), "");
        assertThatThrownBy(() -> basisFor(otherUsers)).isInstanceOf(IOException.class).hasMessageContaining("another user namespace");
        assertThat(basisFor(changed(Map.of("mnt", "mnt:[1]"), here.filters(), here.groups(), ""))).isNotNull();
    }

    @Test
    void a_jvm_under_fewer_filters_or_another_label_is_refused() throws Exception {
        here = changed(Map.of(), 3, here.groups(), "one (enforce)");
        assertThat(basisFor(changed(Map.of(), 4, here.groups(), "unconfined"))).isNotNull(); // the label is chosen
        assertThatThrownBy(() -> basisFor(changed(Map.of(), 2, here.groups(), "one (enforce)"))).hasMessageContaining("under fewer filters");
        labels = List.of();
        assertThat(basisFor(changed(Map.of(), 3, here.groups(), "one (enforce)"))).isNotNull();
        assertThatThrownBy(() -> basisFor(changed(Map.of(), 3, here.groups(), "unconfined")))
                .hasMessageContaining("confines it as 'unconfined', and the container as 'one (enforce)'");
    }

    @Test
    void groups_that_can_not_be_given_up_are_refused() throws Exception {
        here = changed(Map.of(), here.filters(), List.of(1L, 2L), "");
        maps = IdMaps.single(7, 1000);
        Surroundings more = changed(Map.of(), here.filters(), List.of(2L, 3L), "");
        for (boolean able : new boolean[] {true, false}) {
            host = new Host(
                    host.arch(), host.kernelMajor(), host.kernelMinor(), host.lastCapability(), 1000, 1000, able ? -1 : 0, true, false, true, 0, true,
                    List.of());
            assertThat(basisFor(changed(Map.of(), here.filters(), List.of(2L), ""))).isNotNull();
            if (able) {
                assertThat(basisFor(more)).isNotNull(); // setgroups(2) takes them away
            } else {
                assertThatThrownBy(() -> basisFor(more)).hasMessageContaining("groups that can't be given up there, of [2, 3]");
            }
        }
    }

    @Test
    void limits_are_the_lesser_ones_of_both_and_those_that_were_chosen() throws Exception {
        List<Rlimit> mine = new ArrayList<>(here.limits());
        mine.set(Rlimit.Resource.NPROC.ordinal(), new Rlimit(Rlimit.Resource.NPROC, 50, 200));
        mine.set(Rlimit.Resource.FSIZE.ordinal(), new Rlimit(Rlimit.Resource.FSIZE, 10, 20));
        mine.set(Rlimit.Resource.NOFILE.ordinal(), new Rlimit(Rlimit.Resource.NOFILE, 10, 20));
        mine.set(Rlimit.Resource.CORE.ordinal(), new Rlimit(Rlimit.Resource.CORE, 0, 0));
        Surroundings maker = here;
        here = new Surroundings(maker.namespaces(), -1, false, maker.filters(), maker.groups(), mine, 0, maker.label());
        List<Rlimit> others = new ArrayList<>(mine);
        others.set(Rlimit.Resource.NPROC.ordinal(), new Rlimit(Rlimit.Resource.NPROC, 100, 100));
        others.set(Rlimit.Resource.FSIZE.ordinal(), new Rlimit(Rlimit.Resource.FSIZE, Rlimit.UNLIMITED, Rlimit.UNLIMITED));
        others.set(Rlimit.Resource.NOFILE.ordinal(), new Rlimit(Rlimit.Resource.NOFILE, 1000, 1000));
        others.set(Rlimit.Resource.CORE.ordinal(), new Rlimit(Rlimit.Resource.CORE, 5, 5));
        ExecBasis basis = basisFor(new Surroundings(maker.namespaces(), -1, false, maker.filters(), maker.groups(), others, 0, maker.label()));
        assertThat(basis.spec().rlimits()).containsExactly(
                limits.getFirst(), new Rlimit(Rlimit.Resource.FSIZE, 10, 20), new Rlimit(Rlimit.Resource.NPROC, 50, 100));
        assertThat(basis.host().coreHardLimit()).isZero();
        assertThat(basisFor(here).spec().rlimits()).isEqualTo(limits);
    }

    private Surroundings with(long bounding, boolean never, int score) {
        return new Surroundings(here.namespaces(), bounding, never, here.filters(), here.groups(), here.limits(), score, here.label());
    }

    @Test
    void what_the_jvm_lacked_that_started_it_no_other_one_gives() throws Exception {
        noNewPrivileges = false;
        oom = null;
        keyring = false;
        users = false;
        here = with(~Capability.SYS_TIME.bit(), true, 100);
        ExecBasis basis = basisFor(with(-1, false, -5));
        assertThat(basis.spec().noNewPrivileges()).isTrue();
        assertThat(basis.spec().oomScoreAdj()).isEqualTo(100);
        assertThat(basis.capabilities()).isEqualTo(CapabilitySets.standard());
        assertThat(basis.spec().capabilities().bounding()).isEqualTo(CapabilitySets.standard().bounding());
        assertThat(basis.spec().confinement().ownKeyring()).isEqualTo(Confining.canMakeKeyrings());
        assertThat(basisFor(with(-1, false, 200)).spec().oomScoreAdj()).isNull(); // its own is worse already
        users = true;
        modes.put(NamespaceKind.USER, NamespaceMode.fresh());
        assertThat(basisFor(with(-1, false, -5)).capabilities()).isEqualTo(sets); // those of the namespace, which has all
    }
}
