// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The users and groups of a root file system, from the content of its passwd(5) and group(5) files.
///
/// The content is hostile input: a number is never looked up as a name, ids out of range are errors, the first match
/// wins, and lines that are no entries are skipped. Lines above 64 KiB that are come upon are errors, and so is a home
/// directory with control characters, which would get into the environment.
public final class UserDatabase {
    private static final long MOST = 0xfffffffeL;
    private static final int LONGEST_LINE = 65536;
    private static final int MOST_GROUPS = 65536;
    private static final int SHOWN = 80;
    private static final int PASSWD_FIELDS = 7;
    private static final int GROUP_FIELDS = 4;

    /// Goes from line to line of a file.
    private static final class Lines {
        private final String text;
        private final int fields;
        private int at;

        Lines(String text, int fields) {
            this.text = text;
            this.fields = fields;
        }

        /// The fields of the next entry, or null if there is none.
        String @Nullable [] next() {
            while (at < text.length()) {
                int end = text.indexOf('\n', at);
                end = end < 0 ? text.length() : end;
                if (end - at > LONGEST_LINE) {
                    throw new IllegalArgumentException("a line of " + (fields == PASSWD_FIELDS ? "/etc/passwd" : "/etc/group")
                            + " of the root file system is longer than 64 KiB");
                }
                String[] entry = entry(at, end > at && text.charAt(end - 1) == '\r' ? end - 1 : end);
                at = end + 1;
                if (entry != null) {
                    return entry;
                }
            }
            return null;
        }

        /// The fields of an entry, or null for a comment, a NIS line or anything else.
        private String @Nullable [] entry(int start, int end) {
            if (start == end || "#+-:".indexOf(text.charAt(start)) >= 0) {
                return null;
            }
            String[] entry = new String[fields];
            int from = start;
            for (int i = 0; i < fields - 1; i++) {
                int colon = text.indexOf(':', from);
                if (colon < 0 || colon >= end) {
                    return null;
                }
                entry[i] = text.substring(from, colon);
                from = colon + 1;
            }
            entry[fields - 1] = text.substring(from, end);
            return entry[fields - 1].indexOf(':') < 0 ? entry : null;
        }
    }

    private final String passwd;
    private final String group;

    /// @param passwd the content of /etc/passwd, empty if there is none
    /// @param group the content of /etc/group, empty if there is none
    public UserDatabase(byte[] passwd, byte[] group) {
        this.passwd = new String(passwd, StandardCharsets.UTF_8);
        this.group = new String(group, StandardCharsets.UTF_8);
    }

    /// The content of /etc/passwd.
    public String passwd() {
        return passwd;
    }

    /// The content of /etc/group.
    public String group() {
        return group;
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
        String[] entry = numeric ? byId(id(userPart)) : byName(new Lines(passwd, PASSWD_FIELDS), userPart);
        if (entry == null && !numeric) {
            throw new IllegalArgumentException(
                    "unknown user '" + shown(userPart) + "': no such entry in /etc/passwd of the root file system");
        }
        long uid = numeric ? id(userPart) : id(field(entry, 2));
        long gid = groupPart != null ? groupId(groupPart) : entry == null ? 0 : id(field(entry, 3));
        List<Long> groups = groupPart != null || entry == null ? List.of() : groupsOf(field(entry, 0));
        String home = entry == null || field(entry, 5).isEmpty() ? "/" : field(entry, 5);
        checkHome(home);
        return new User(new Credentials(uid, gid, groups), home);
    }

    private static String field(String @Nullable [] entry, int index) {
        return entry == null ? "" : entry[index];
    }

    private long groupId(String text) {
        if (isNumber(text)) {
            return id(text);
        }
        String[] entry = byName(new Lines(group, GROUP_FIELDS), text);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "unknown group '" + shown(text) + "': no such entry in /etc/group of the root file system");
        }
        return id(entry[2]);
    }

    private static void checkHome(String home) {
        for (int i = 0; i < home.length(); i++) {
            if (Character.isISOControl(home.charAt(i))) {
                throw new IllegalArgumentException(
                        "the home directory '" + shown(home) + "' in /etc/passwd of the root file system has a control"
                                + " character");
            }
        }
    }

    private List<Long> groupsOf(String user) {
        List<Long> groups = new ArrayList<>();
        Lines lines = new Lines(group, GROUP_FIELDS);
        String[] entry = lines.next();
        while (entry != null && groups.size() <= MOST_GROUPS) {
            if (contains(entry[3], user)) {
                groups.add(id(entry[2]));
            }
            entry = lines.next();
        }
        return groups;
    }

    private static boolean contains(String members, String user) {
        int start = 0;
        while (start <= members.length()) {
            int comma = members.indexOf(',', start);
            int end = comma < 0 ? members.length() : comma;
            if (end - start == user.length() && members.startsWith(user, start)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    private static String @Nullable [] byName(Lines lines, String name) {
        String[] entry = lines.next();
        while (entry != null && !entry[0].equals(name)) {
            entry = lines.next();
        }
        return entry;
    }

    private String @Nullable [] byId(long id) {
        Lines lines = new Lines(passwd, PASSWD_FIELDS);
        String[] entry = lines.next();
        while (entry != null && parsed(entry[2]) != id) {
            entry = lines.next();
        }
        return entry;
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
            throw new IllegalArgumentException("id '" + shown(text) + "' is not a number between 0 and 4294967294");
        }
        return value;
    }

    /// A text for a message: shortened, and without what a terminal would act on.
    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            out.append(Character.isISOControl(text.charAt(i)) ? '?' : text.charAt(i));
        }
        return text.length() > SHOWN ? out.append("...").toString() : out.toString();
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
