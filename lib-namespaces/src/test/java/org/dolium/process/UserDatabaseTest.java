// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Test;

class UserDatabaseTest {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            # alice:x:1:1::/wrong:/bin/sh
            +nis
            alice:x:1000:100:Alice:/home/alice:/bin/sh
            alice:x:1001:101:later:/home/later:/bin/sh
            1000:x:7:7:a name of digits:/digits:/bin/sh
            nohome:x:50:50:::
            """;
    private static final String GROUP = """
            root:x:0:
            users:x:100:bob
            audio:x:29:bob,alice
            video:x:44:alice
            malice:x:66:malice
            """;

    @Test
    void a_name_gives_ids_groups_and_home() {
        UserDatabase.User alice = resolve("alice");
        assertThat(alice.credentials()).isEqualTo(new Credentials(1000, 100, List.of(29L, 44L)));
        assertThat(alice.home()).isEqualTo("/home/alice");
    }

    @Test
    void I_03_a_number_is_looked_up_by_uid_and_never_as_a_name() {
        assertThat(resolve("1000")).isEqualTo(resolve("alice"));
        assertThat(resolve("7").home()).isEqualTo("/digits");
    }

    @Test
    void an_unknown_uid_gets_group_0_and_the_root_directory() {
        assertThat(resolve("4294967294"))
                .isEqualTo(new UserDatabase.User(new Credentials(0xfffffffeL, 0, List.of()), "/"));
    }

    @Test
    void a_given_group_replaces_all_others() {
        assertThat(resolve("alice:video").credentials()).isEqualTo(new Credentials(1000, 44, List.of()));
        assertThat(resolve("alice:7").credentials()).isEqualTo(new Credentials(1000, 7, List.of()));
        assertThat(resolve("9:audio").credentials()).isEqualTo(new Credentials(9, 29, List.of()));
    }

    @Test
    void an_empty_home_is_the_root_directory() {
        assertThat(resolve("nohome").home()).isEqualTo("/");
    }

    @Test
    void lines_may_end_as_on_windows() {
        UserDatabase database = new UserDatabase(bytes("bob:x:5:6::/home/bob:/bin/sh\r\n"), bytes("g:x:9:bob\r\n"));
        assertThat(database.resolve("bob").credentials()).isEqualTo(new Credentials(5, 6, List.of(9L)));
    }

    @Test
    void I_03_what_is_unknown_or_malformed_is_refused_with_its_name() {
        assertThatIllegalArgumentException().isThrownBy(() -> resolve("bob")).withMessageContaining("unknown user 'bob'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resolve("alice:nobody"))
                .withMessageContaining("unknown group 'nobody'");
        for (String text : new String[] {
            "", ":", "alice:", ":100", "-1", "+5", " 1000", "1000 ", "4294967295", "0x10", "1e3", "٣", "1000:", "1:2:3",
            "18446744073709551616", "nis", "+nis", "# alice"
        }) {
            assertThatIllegalArgumentException().as("'%s'", text).isThrownBy(() -> resolve(text));
        }
    }

    /// A line that is no entry must not keep anybody else from being found.
    @Test
    void I_06_a_malformed_line_is_nobody() {
        String lines = "a:x::1::/:/x\nb:x:99999999999:1::/:/x\nc:x:-1:1::/:/x\nd:x\n::::::\n\n" + PASSWD;
        UserDatabase database = new UserDatabase(bytes(lines), bytes("g:x::\n" + GROUP));
        assertThat(database.resolve("1000")).isEqualTo(resolve("1000"));
        assertThat(database.resolve("alice:audio")).isEqualTo(resolve("alice:audio"));
        for (String name : new String[] {"a", "b", "c", "d"}) {
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> database.resolve(name));
        }
    }

    @Test
    void I_04_an_id_that_would_wrap_is_not_taken() {
        for (String id : new String[] {"4294967296", "4294967295", "18446744073709551616", "9223372036854775808", "-1"}) {
            UserDatabase users = new UserDatabase(bytes("u:x:" + id + ":0::/:/x\n"), bytes(GROUP));
            assertThatIllegalArgumentException().as("uid " + id).isThrownBy(() -> users.resolve("u"));
            UserDatabase groups = new UserDatabase(bytes("u:x:5:" + id + "::/:/x\n"), bytes("g:x:" + id + ":u\n"));
            assertThatIllegalArgumentException().as("gid " + id).isThrownBy(() -> groups.resolve("u"));
            assertThatIllegalArgumentException().as("group " + id).isThrownBy(() -> groups.resolve("7:g"));
            assertThatIllegalArgumentException().as("user " + id).isThrownBy(() -> resolve(id));
        }
        UserDatabase highest = new UserDatabase(bytes("u:x:2147483648:4294967294::/:/x\n"), new byte[0]);
        assertThat(highest.resolve("u").credentials()).isEqualTo(new Credentials(0x80000000L, 0xfffffffeL, List.of()));
    }

    /// Row I-05: files as large as they may be, of which every line counts.
    @Test
    void I_05_large_files_are_read_quickly_and_long_lines_are_refused() {
        byte[] manyGroups = bytes("g:x:1:alice\n".repeat((10 << 20) / 12));
        byte[] empty = bytes("\n".repeat(10 << 20));
        byte[] colons = bytes((":".repeat(65535) + "\n").repeat(160));
        byte[] oneLine = bytes(":".repeat(10 << 20));
        long start = System.nanoTime();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserDatabase(bytes(PASSWD), manyGroups).resolve("alice"))
                .withMessage("more than 65536 supplementary groups");
        for (byte[] passwd : List.of(empty, colons, manyGroups)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new UserDatabase(passwd, passwd).resolve("alice"))
                    .withMessageContaining("unknown user");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserDatabase(oneLine, new byte[0]).resolve("alice"))
                .withMessage("a line of /etc/passwd of the root file system is longer than 64 KiB");
        assertThat(System.nanoTime() - start).isLessThan(Slow.seconds(20).toNanos());
    }

    /// Row I-06: what is derived from the files for the environment has no control characters.
    @Test
    void I_06_a_home_directory_with_control_characters_is_refused() {
        for (String home : new String[] {"/\u001b[2J", "/a\tb", "/\0", "/\u0085"}) {
            UserDatabase database = new UserDatabase(bytes("a:x:1:1::" + home + ":/bin/sh\n"), new byte[0]);
            assertThatIllegalArgumentException().isThrownBy(() -> database.resolve("a")).withMessageContaining("control character");
        }
    }

    /// Found by fuzzing.
    @Test
    void a_message_has_nothing_that_a_terminal_acts_on() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resolve("\u001b[31m" + "x".repeat(100_000)))
                .withMessageMatching("id '\\?\\[31mx+\\.\\.\\.' is not a number between 0 and 4294967294")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
        assertThatIllegalArgumentException().isThrownBy(() -> resolve("a\u001b")).withMessageContaining("unknown user 'a?'");
    }

    private static UserDatabase.User resolve(String text) {
        return new UserDatabase(bytes(PASSWD), bytes(GROUP)).resolve(text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
