// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// The records of an extended header: length, space, key, equals sign, value, line feed; see pax in POSIX.
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords();

    private static final String XATTR = "SCHILY.xattr.";

    /// Empty ones would unset what an earlier header says, which readers do or do not.
    private static final Set<String> NEVER_EMPTY =
            Set.of("path", "linkpath", "size", "uid", "gid", "mtime", "GNU.sparse.name", "GNU.sparse.map");

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final List<Long> sparse = new ArrayList<>();

    private PaxRecords() {}

    static PaxRecords parse(byte[] body) throws LayerException {
        PaxRecords records = new PaxRecords();
        for (int from = 0; from < body.length; ) {
            from = records.record(body, from);
        }
        return records;
    }

    private int record(byte[] body, int from) throws LayerException {
        int space = indexOf(body, ' ', from, body.length);
        int length = space - from > 7 || space == from || body[from] == '0' ? -1 : (int) decimal(body, from, space);
        int end = from + length;
        if (length < 0 || end > body.length || end <= space + 1 || body[end - 1] != '\n') {
            throw malformed();
        }
        int equals = indexOf(body, '=', space + 1, end);
        if (equals == space + 1) {
            throw malformed();
        }
        String key = new String(body, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
        add(key, Arrays.copyOfRange(body, equals + 1, end - 1));
        return end;
    }

    private void add(String key, byte[] value) throws LayerException {
        if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
            if (key.equals("GNU.sparse.offset") != (sparse.size() % 2 == 0)) {
                throw malformed();
            }
            sparse.add(decimal(value, 0, value.length));
            return;
        }
        if (value.length == 0 && NEVER_EMPTY.contains(key)) {
            throw new LayerException("its extended header has an empty " + quoted(key));
        }
        if (values.put(key, value) != null) {
            throw new LayerException("its extended header has " + quoted(key) + " twice");
        }
    }

    /// Nothing but comments may be said about all entries: readers disagree about everything else.
    void checkGlobal() throws LayerException {
        for (String key : values.keySet()) {
            if (!key.equals("comment")) {
                throw new LayerException("a global header has " + quoted(key));
            }
        }
        if (!sparse.isEmpty()) {
            throw new LayerException("a global header has a sparse map");
        }
    }

    byte @Nullable [] bytes(String key) {
        return values.get(key);
    }

    /// A number of digits alone, or null.
    @Nullable Long number(String key) throws LayerException {
        byte[] value = values.get(key);
        try {
            return value == null ? null : decimal(value, 0, value.length);
        } catch (LayerException e) {
            throw new LayerException("its extended header has a " + quoted(key) + " that is no number, or too large", e);
        }
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    boolean isSparse() {
        for (String key : values.keySet()) {
            if (key.startsWith("GNU.sparse.") || key.equals("SCHILY.realsize")) {
                return true;
            }
        }
        return !sparse.isEmpty();
    }

    /// Offsets and lengths in turn, of format 0.0.
    List<Long> sparse() {
        return sparse;
    }

    Map<String, byte[]> xattrs() {
        Map<String, byte[]> xattrs = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> record : values.entrySet()) {
            if (record.getKey().startsWith(XATTR)) {
                xattrs.put(record.getKey().substring(XATTR.length()), record.getValue());
            }
        }
        return xattrs;
    }

    /// At most 18 digits, so that sums of two do not overflow.
    static long decimal(byte[] text, int from, int end) throws LayerException {
        long value = 0;
        boolean good = end > from && end - from <= 18;
        for (int i = from; good && i < end; i++) {
            good = text[i] >= '0' && text[i] <= '9';
            value = value * 10 + text[i] - '0';
        }
        if (!good) {
            throw malformed();
        }
        return value;
    }

    private static int indexOf(byte[] bytes, char c, int from, int end) throws LayerException {
        for (int i = from; i < end; i++) {
            if (bytes[i] == c) {
                return i;
            }
        }
        throw malformed();
    }

    private static LayerException malformed() {
        return new LayerException("its extended header is malformed");
    }

    private static String quoted(String key) {
        return Quoting.quote(key.length() > 80 ? key.substring(0, 80) : key);
    }
}
