// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.util.ArrayList;
import java.util.List;

/// The ranges of ids that /etc/subuid or /etc/subgid grants to a user; see subuid(5).
public final class SubordinateIds {
    private SubordinateIds() {}

    /// The ranges of a user, in the order of the file.
    ///
    /// @param text the file's content
    /// @param userName the user's login name, or an empty string if it has none
    /// @throws IllegalArgumentException if a line of this user is malformed
    public static List<IdMap> parse(String text, String userName, long uid) {
        List<IdMap> ranges = new ArrayList<>();
        String number = Long.toString(uid);
        int line = 0;
        for (String entry : text.split("\n", -1)) {
            line++;
            String[] fields = entry.trim().split(":", -1);
            boolean ours = fields[0].equals(number) || !userName.isEmpty() && fields[0].equals(userName);
            if (ours) {
                ranges.add(range(fields, line));
            }
        }
        return ranges;
    }

    private static IdMap range(String[] fields, int line) {
        try {
            if (fields.length == 3) {
                return new IdMap(0, Long.parseLong(fields[1]), Long.parseLong(fields[2]));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line + " of the subordinate ids is malformed", e);
        }
        throw new IllegalArgumentException("line " + line + " of the subordinate ids is not NAME:START:COUNT");
    }

    /// From id 0 inside on come the granted ranges one after the other.
    public static IdMaps only(List<IdMap> granted) {
        List<IdMap> extents = new ArrayList<>();
        long next = 0;
        for (IdMap range : granted) {
            extents.add(new IdMap(next, range.outside(), range.count()));
            next += range.count();
        }
        return IdMaps.of(extents);
    }

    /// Id 0 inside is `own`, and from 1 on come the granted ranges one after the other.
    public static IdMaps withOwn(long own, List<IdMap> granted) {
        List<IdMap> extents = new ArrayList<>();
        extents.add(new IdMap(0, own, 1));
        long next = 1;
        for (IdMap range : granted) {
            extents.add(new IdMap(next, range.outside(), range.count()));
            next += range.count();
        }
        return IdMaps.of(extents);
    }
}
