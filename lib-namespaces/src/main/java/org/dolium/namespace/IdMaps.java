// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.util.ArrayList;
import java.util.List;

/// The uids or the gids of a user namespace: one or more extents that do not overlap.
public final class IdMaps {
    /// The kernel takes no more lines (since Linux 4.15).
    private static final int MOST = 340;

    private final List<IdMap> extents;

    private IdMaps(List<IdMap> extents) {
        this.extents = List.copyOf(extents);
        if (extents.isEmpty() || extents.size() > MOST) {
            throw new IllegalArgumentException("an id map has 1 to " + MOST + " extents, got " + extents.size());
        }
        for (int i = 0; i < extents.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (extents.get(i).overlaps(extents.get(j))) {
                    throw new IllegalArgumentException(
                            "id maps " + extents.get(j) + " and " + extents.get(i) + " overlap");
                }
            }
        }
    }

    public static IdMaps of(IdMap... extents) {
        return new IdMaps(List.of(extents));
    }

    public static IdMaps of(List<IdMap> extents) {
        return new IdMaps(extents);
    }

    public static IdMaps single(long inside, long outside) {
        return of(new IdMap(inside, outside, 1));
    }

    /// Reads `0:100000:65536`, or several such extents with commas between them.
    public static IdMaps parse(String text) {
        List<IdMap> extents = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] numbers = part.split(":", -1);
            if (numbers.length != 3) {
                throw new IllegalArgumentException("id map '" + part + "' is not INSIDE:OUTSIDE:COUNT");
            }
            extents.add(new IdMap(number(numbers[0], part), number(numbers[1], part), number(numbers[2], part)));
        }
        return new IdMaps(extents);
    }

    private static long number(String digits, String part) {
        boolean good = !digits.isEmpty() && digits.length() <= 10;
        for (int i = 0; i < digits.length(); i++) {
            good &= digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
        }
        if (!good) {
            throw new IllegalArgumentException("id map '" + part + "' is not INSIDE:OUTSIDE:COUNT");
        }
        return Long.parseLong(digits);
    }

    public List<IdMap> extents() {
        return extents;
    }

    public boolean isSingle() {
        return extents.size() == 1 && extents.get(0).count() == 1;
    }

    /// Id 0 if it is mapped, else the lowest mapped id.
    public long firstInside() {
        long first = Long.MAX_VALUE;
        for (IdMap extent : extents) {
            first = Math.min(first, extent.inside());
        }
        return first;
    }

    /// The host's id of `inside`, or -1 if it is not mapped.
    public long outside(long inside) {
        for (IdMap extent : extents) {
            if (inside >= extent.inside() && inside < extent.inside() + extent.count()) {
                return extent.outside() + inside - extent.inside();
            }
        }
        return -1;
    }

    public boolean maps(long inside) {
        return outside(inside) >= 0;
    }

    /// What to write to `/proc/PID/uid_map`.
    public String toProcText() {
        StringBuilder out = new StringBuilder();
        for (IdMap extent : extents) {
            out.append(extent.inside()).append(' ').append(extent.outside()).append(' ').append(extent.count());
            out.append('\n');
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return extents.toString();
    }
}
