// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class UserDatabaseProperties {
    private static final String NAMES = "ab1";

    /// A line of /etc/passwd.
    record Account(String name, long uid, long gid, String home) {
        String line() {
            return name + ":x:" + uid + ":" + gid + ":comment:" + home + ":/bin/sh\n";
        }
    }

    /// A line of /etc/group.
    record Group(String name, long gid, List<String> members) {
        String line() {
            return name + ":x:" + gid + ":" + String.join(",", members) + "\n";
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void I_06_hostile_files_give_a_user_or_an_illegal_argument(
            @ForAll("files") byte[] passwd, @ForAll("files") byte[] group, @ForAll("users") String user) {
        try {
            UserDatabase.User found = new UserDatabase(passwd, group).resolve(user);
            assertThat(found.credentials().uid()).isBetween(0L, 0xfffffffeL);
            assertThat(found.home()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    /// The uid of a text that is a number is that number, whatever the files say.
    @Property
    void I_03_a_number_is_never_looked_up_as_a_name(@ForAll("files") byte[] passwd, @ForAll("numbers") long uid) {
        try {
            UserDatabase.User found = new UserDatabase(passwd, passwd).resolve(uid + ":" + uid);
            assertThat(found.credentials()).isEqualTo(new Credentials(uid, uid, List.of()));
        } catch (IllegalArgumentException e) {
            assertThat(uid).isGreaterThan(0xfffffffeL);
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void well_formed_files_are_read_as_an_oracle_reads_them(
            @ForAll @Size(max = 5) List<@From("accounts") Account> accounts,
            @ForAll @Size(max = 5) List<@From("groups") Group> groups,
            @ForAll("users") String user) {
        UserDatabase database = new UserDatabase(
                bytes(String.join("", accounts.stream().map(Account::line).toList())),
                bytes(String.join("", groups.stream().map(Group::line).toList())));
        Optional<UserDatabase.User> expected = oracle(accounts, groups, user);
        if (expected.isPresent()) {
            assertThat(database.resolve(user)).isEqualTo(expected.get());
        } else {
            assertThatIllegalArgumentException().isThrownBy(() -> database.resolve(user));
        }
    }

    private static Optional<UserDatabase.User> oracle(List<Account> accounts, List<Group> groups, String text) {
        String[] parts = text.split(":", -1);
        Optional<Account> account = accounts.stream()
                .filter(a -> number(parts[0]) >= 0 ? a.uid == number(parts[0]) : a.name.equals(parts[0]))
                .findFirst();
        if (parts.length > 2 || parts[0].isEmpty() || account.isEmpty() && number(parts[0]) < 0) {
            return Optional.empty();
        }
        long uid = account.map(Account::uid).orElse(number(parts[0]));
        String home = account.map(Account::home).filter(h -> !h.isEmpty()).orElse("/");
        if (parts.length == 1) {
            List<Long> supplementary = groups.stream()
                    .filter(g -> account.isPresent() && g.members.contains(account.get().name))
                    .map(Group::gid)
                    .toList();
            long gid = account.map(Account::gid).orElse(0L);
            return Optional.of(new UserDatabase.User(new Credentials(uid, gid, supplementary), home));
        }
        Optional<Long> gid = number(parts[1]) >= 0
                ? Optional.of(number(parts[1]))
                : groups.stream().filter(g -> g.name.equals(parts[1])).map(Group::gid).findFirst();
        return gid.map(g -> new UserDatabase.User(new Credentials(uid, g, List.of()), home));
    }

    /// The number that a text is, -1 for a name; a text that begins as a number and is none is nothing.
    private static long number(String text) {
        return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : -1;
    }

    @Provide
    Arbitrary<Account> accounts() {
        return Combinators.combine(names(), ids(), ids(), Arbitraries.of("", "/", "/home/x")).as(Account::new);
    }

    @Provide
    Arbitrary<Group> groups() {
        return Combinators.combine(names(), ids(), names().list().ofMaxSize(3)).as(Group::new);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab").ofMinLength(1).ofMaxLength(2);
    }

    private static Arbitrary<Long> ids() {
        return Arbitraries.longs().between(0, 12);
    }

    @Provide
    Arbitrary<Long> numbers() {
        return Arbitraries.oneOf(Arbitraries.longs().between(0, 12), Arbitraries.longs().greaterOrEqual(0));
    }

    @Provide
    Arbitrary<String> users() {
        return Arbitraries.strings().withChars(NAMES + ":").ofMaxLength(5);
    }

    @Provide
    Arbitrary<byte[]> files() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars(NAMES + ":,-+# \n\r\0٣\ufffd").ofMaxLength(120).map(UserDatabaseProperties::bytes),
                Arbitraries.bytes().array(byte[].class));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
