// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// A record: keys with values, as a text whose every byte counts. The first line names the format and its version, each other one is a
/// key and a value, the last one has a sum over all before. What differs in anything is damaged, and is not read.
public final class Fields {
    private static final String FIRST = "dolium-state 1\n";
    private static final String LAST = "sum ";
    private static final int SUM = LAST.length() + 9;

    private final List<String> keys = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /// Adds a value; a key may have several.
    public Fields add(String key, String value) {
        keys.add(key);
        values.add(value);
        return this;
    }

    public Fields add(String key, long value) {
        return add(key, Long.toString(value));
    }

    public Fields add(String key, List<String> all) {
        for (int i = 0; i < all.size(); i++) {
            add(key, all.get(i));
        }
        return this;
    }

    /// The text.
    public byte[] bytes() {
        StringBuilder text = new StringBuilder(FIRST);
        for (int i = 0; i < keys.size(); i++) {
            text.append(keys.get(i)).append(' ');
            escape(values.get(i), text);
            text.append('\n');
        }
        String body = text.toString();
        return (body + LAST + sum(body) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String sum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue() | 1L << 32).substring(1);
    }

    private static void escape(String value, StringBuilder text) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\n' || c == '\\') {
                text.append(c == '\n' ? "\\n" : "\\\\");
            } else {
                text.append(c);
            }
        }
    }

    /// @param shown the file, for messages
    public static Fields parse(byte[] bytes, String shown) throws IOException {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw damaged(shown, "it is no UTF-8");
        }
        if (!text.startsWith(FIRST)) {
            boolean other = text.startsWith("dolium-state ");
            throw damaged(shown, other ? "it is of another version of Dolium" : "it does not begin as a record");
        }
        int end = text.length() - SUM;
        if (end < FIRST.length() || !text.substring(end).equals(LAST + sum(text.substring(0, end)) + "\n")) {
            throw damaged(shown, "its sum is wrong");
        }
        Fields fields = new Fields();
        for (int at = FIRST.length(); at < end; ) {
            int newline = text.indexOf('\n', at);
            int space = text.indexOf(' ', at);
            if (space <= at || space > newline || newline >= end) {
                throw damaged(shown, "a line has no key");
            }
            fields.add(text.substring(at, space), unescape(text.substring(space + 1, newline), shown));
            at = newline + 1;
        }
        return fields;
    }

    private static String unescape(String value, String shown) throws IOException {
        if (value.indexOf('\\') < 0) {
            return value;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
                char next = i < value.length() ? value.charAt(i) : 0;
                if (next != 'n' && next != '\\') {
                    throw damaged(shown, "it has a wrong escape");
                }
                c = next == 'n' ? '\n' : '\\';
            }
            text.append(c);
        }
        return text.toString();
    }

    /// For what can't be believed.
    public static IOException damaged(String shown, String why) {
        return new IOException("'" + shown + "' is damaged: " + why);
    }

    /// The values of a key, in their order.
    public List<String> all(String key) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).equals(key)) {
                found.add(values.get(i));
            }
        }
        return found;
    }

    /// The value of a key, or null if there is none.
    public @Nullable String find(String key, String shown) throws IOException {
        List<String> found = all(key);
        if (found.size() > 1) {
            throw damaged(shown, "it says '" + key + "' twice");
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    public String one(String key, String shown) throws IOException {
        String found = find(key, shown);
        if (found == null) {
            throw damaged(shown, "it does not say '" + key + "'");
        }
        return found;
    }

    public long number(String key, String shown) throws IOException {
        try {
            return Long.parseLong(one(key, shown));
        } catch (NumberFormatException e) {
            throw damaged(shown, "'" + key + "' is no number");
        }
    }

    /// @throws IOException if there is another key
    public void check(List<String> known, String shown) throws IOException {
        for (int i = 0; i < keys.size(); i++) {
            if (!known.contains(keys.get(i))) {
                throw damaged(shown, "it says '" + keys.get(i) + "', which this version does not know");
            }
        }
    }
}
