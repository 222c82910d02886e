// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The users and groups of a root file system, from the content of its passwd(5) and group(5) files.
///
/// The content is hostile input: a number is never looked up as a name, ids out of range are errors, the first match
/// wins, and lines that are no entries are skipped.
public final class UserDatabase {
    private static final long MOST = 0xfffffffeL;

    private final String[] passwd;
    private final String[] group;

    /// @param passwd the content of /etc/passwd, empty if there is none
    /// @param group the content of /etc/group, empty if there is none
    public UserDatabase(byte[] passwd, byte[] group) {
        this.passwd = lines(passwd);
        this.group = lines(group);
    }

    private static String[] lines(byte[] content) {
        return new String(content, StandardCharsets.UTF_8).split("\n", -1);
    }

    /// A user as the root file system knows it.
    ///
    /// @param home the home directory, `/` if unknown
    public record User(Credentials credentials, String home) {}

    /// Finds a user given as `name`, `uid`, `name:group` or `uid:gid`.
    ///
    /// As in Docker, a user without a group gets its primary group and its supplementary groups from the files (group 0
    /// where the uid is unknown), and one with a group gets only that.
    ///
    /// @throws IllegalArgumentException if a name is unknown or an id is malformed or out of range
    public User resolve(String text) {
        int colon = text.indexOf(':');
        String userPart = colon < 0 ? text : text.substring(0, colon);
        String groupPart = colon < 0 ? null : text.substring(colon + 1);
        boolean numeric = isNumber(userPart);
        String[] entry = numeric ? byId(passwd, id(userPart), 7) : byName(passwd, userPart, 7);
        if (entry == null && !numeric) {
            throw new IllegalArgumentException(
                    "unknown user '" + userPart + "': no such entry in /etc/passwd of the root file system");
        }
        long uid = numeric ? id(userPart) : id(field(entry, 2));
        long gid = groupPart != null ? groupId(groupPart) : entry == null ? 0 : id(field(entry, 3));
        List<Long> groups = groupPart != null || entry == null ? List.of() : groupsOf(field(entry, 0));
        String home = entry == null || field(entry, 5).isEmpty() ? "/" : field(entry, 5);
        return new User(new Credentials(uid, gid, groups), home);
    }

    private static String field(String @Nullable [] entry, int index) {
        return entry == null ? "" : entry[index];
    }

    private long groupId(String text) {
        if (isNumber(text)) {
            return id(text);
        }
        String[] entry = byName(group, text, 4);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "unknown group '" + text + "': no such entry in /etc/group of the root file system");
        }
        return id(entry[2]);
    }

    private List<Long> groupsOf(String user) {
        List<Long> groups = new ArrayList<>();
        for (String line : group) {
            String[] entry = entry(line, 4);
            if (entry != null && contains(entry[3], user)) {
                groups.add(id(entry[2]));
            }
        }
        return groups;
    }

    private static boolean contains(String members, String user) {
        for (String member : members.split(",", -1)) {
            if (member.equals(user)) {
                return true;
            }
        }
        return false;
    }

    private static String @Nullable [] byName(String[] lines, String name, int fields) {
        for (String line : lines) {
            String[] entry = entry(line, fields);
            if (entry != null && entry[0].equals(name)) {
                return entry;
            }
        }
        return null;
    }

    private static String @Nullable [] byId(String[] lines, long id, int fields) {
        for (String line : lines) {
            String[] entry = entry(line, fields);
            if (entry != null && parsed(entry[2]) == id) {
                return entry;
            }
        }
        return null;
    }

    /// The fields of an entry, or null for a comment, a NIS line or anything else.
    private static String @Nullable [] entry(String line, int fields) {
        String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        if (text.isEmpty() || "#+-".indexOf(text.charAt(0)) >= 0) {
            return null;
        }
        String[] parts = text.split(":", -1);
        return parts.length == fields && !parts[0].isEmpty() ? parts : null;
    }

    /// Whether a text is meant as a number: it begins with a digit, a sign or a blank, so that no such text is ever
    /// taken for a name.
    private static boolean isNumber(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("user or group is empty");
        }
        char first = text.charAt(0);
        return Character.isDigit(first) || first == '+' || first == '-' || first <= ' ';
    }

    private static long id(String text) {
        long value = parsed(text);
        if (value < 0) {
            throw new IllegalArgumentException("id '" + text + "' is not a number between 0 and 4294967294");
        }
        return value;
    }

    /// The id that a text is, or -1 if it is none.
    private static long parsed(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 10;
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        long value = digits ? Long.parseLong(text) : -1;
        return value <= MOST ? value : -1;
    }
}
