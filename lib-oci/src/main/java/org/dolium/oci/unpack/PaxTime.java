// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

/// A time as extended headers have it: seconds since 1970 with a sign and a fraction, of which nine digits count.
record PaxTime(long seconds, int nanos) {
    static PaxTime parse(byte[] text) throws LayerException {
        int from = text[0] == '-' ? 1 : 0;
        int point = from;
        while (point < text.length && text[point] != '.') {
            point++;
        }
        long seconds = PaxRecords.decimal(text, from, point);
        int nanos = point == text.length ? 0 : nanos(text, point + 1);
        if (from == 0) {
            return new PaxTime(seconds, nanos);
        }
        return nanos == 0 ? new PaxTime(-seconds, 0) : new PaxTime(-seconds - 1, 1_000_000_000 - nanos);
    }

    private static int nanos(byte[] text, int from) throws LayerException {
        int nanos = 0;
        for (int i = 0; i < 9; i++) {
            nanos = nanos * 10 + (from + i < text.length ? digit(text[from + i]) : 0);
        }
        for (int i = from + 9; i < text.length; i++) {
            digit(text[i]);
        }
        return nanos;
    }

    private static int digit(byte b) throws LayerException {
        if (b < '0' || b > '9') {
            throw new LayerException("its extended header has a time that is none");
        }
        return b - '0';
    }
}
