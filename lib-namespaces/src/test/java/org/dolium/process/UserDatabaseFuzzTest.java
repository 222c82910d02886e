// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Any passwd(5), group(5) and user give a user or an IllegalArgumentException:
///
/// * every id is from 0 to 4294967294, there are at most 65,536 groups, and the home directory has no control characters;
/// * the uid of a number is that number, whatever the files say, and so is the gid;
/// * a user that is a name is in the first field of a line of passwd(5), the uid in the third of it;
/// * a message is short and has no control characters;
/// * the same input has the same outcome;
/// * in half a second and 16 MiB, for inputs up to 64 KiB.
@Tag("fuzz")
class UserDatabaseFuzzTest {
    private static final List<String> WORDS = List.of(
            "root:x:0:0:root:/root:/bin/sh\n", "alice", ":x:", "\n%%\n", "::", ",", "\r\n", "+", "-1", "#", "users:x:100:alice\n",
            "0x10", " 0", "\u0663", "alice,alice");

    @Test
    void J_09_any_files_give_a_user_or_are_refused() throws Exception {
        Fuzz.Report report = Fuzz.of("user-database", WORDS, 500, 16 << 20).run(UserDatabaseFuzzTest::feed);
        assertThat(report.runs()).isGreaterThan(100);
        assertThat(report.kinds()).containsKey("user with groups").hasSizeGreaterThan(5);
    }

    /// The user, what is in passwd(5) and what is in group(5), with `%%` between them.
    private static String feed(byte[] input) {
        String[] parts = new String(input, StandardCharsets.UTF_8).split("\n%%\n", 3);
        String user = parts[0];
        byte[] passwd = bytes(parts.length > 1 ? parts[1] : "");
        byte[] group = bytes(parts.length > 2 ? parts[2] : "");
        String outcome = outcome(passwd, group, user);
        assertThat(outcome(passwd, group, user)).isEqualTo(outcome);
        return outcome;
    }

    private static String outcome(byte[] passwd, byte[] group, String user) {
        UserDatabase.User found;
        try {
            found = new UserDatabase(passwd, group).resolve(user);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).hasSizeLessThan(200).matches("\\P{Cntrl}+");
            return e.getMessage().replaceAll("'.*'|\\d+", "");
        }
        Credentials credentials = found.credentials();
        assertThat(credentials.uid()).isBetween(0L, 0xfffffffeL);
        assertThat(credentials.gid()).isBetween(0L, 0xfffffffeL);
        assertThat(credentials.groups()).hasSizeLessThan(65537).allMatch(id -> id >= 0 && id <= 0xfffffffeL);
        assertThat(found.home()).isNotEmpty().doesNotContainPattern("\\p{Cntrl}");
        checkIds(new String(passwd, StandardCharsets.UTF_8), user, credentials);
        return credentials.groups().isEmpty() ? "user" : "user with groups";
    }

    private static void checkIds(String passwd, String user, Credentials credentials) {
        String[] parts = user.split(":", 2);
        if (parts[0].matches("[0-9]+")) {
            assertThat(Long.toString(credentials.uid())).isEqualTo(parts[0].replaceFirst("^0+(?=.)", ""));
        } else {
            assertThat(parts[0]).doesNotMatch("(?s)[-+0-9\\s].*");
            Pattern line = Pattern.compile("(?m)^" + Pattern.quote(parts[0]) + ":[^:]*:0*" + credentials.uid() + ":", Pattern.UNIX_LINES);
            assertThat(line.matcher(passwd).find()).isTrue();
        }
        if (parts.length > 1 && parts[1].matches("[0-9]+")) {
            assertThat(Long.toString(credentials.gid())).isEqualTo(parts[1].replaceFirst("^0+(?=.)", ""));
            assertThat(credentials.groups()).isEmpty();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
