// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.util.Locale;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// A resource limit; see getrlimit(2).
///
/// @param soft the limit in force, in the resource's unit (bytes, seconds, a count); -1 for none
/// @param hard the ceiling up to which the process may raise it; -1 for none
public record Rlimit(Resource resource, long soft, long hard) {
    /// No limit.
    public static final long UNLIMITED = -1;

    /// The resources in the kernel's order: the ordinal is the number.
    public enum Resource {
        CPU, FSIZE, DATA, STACK, CORE, RSS, NPROC, NOFILE, MEMLOCK, AS, LOCKS, SIGPENDING, MSGQUEUE, NICE, RTPRIO,
        RTTIME
    }

    public Rlimit {
        if (soft < -1 || hard < -1) {
            throw new IllegalArgumentException("limit of " + resource + " is negative");
        }
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw new IllegalArgumentException("soft limit of " + resource + " exceeds the hard limit");
        }
    }

    /// Reads `nofile=1024:2048`, `nofile=1024` or `core=unlimited`; -1 is unlimited too.
    public static Rlimit parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("limit '" + text + "' is not NAME=SOFT[:HARD]");
        }
        String[] numbers = text.substring(equals + 1).split(":", -1);
        try {
            if (numbers.length > 2) {
                throw new IllegalArgumentException(numbers.length + " numbers");
            }
            Resource resource = Resource.valueOf(text.substring(0, equals).toUpperCase(Locale.ROOT));
            long soft = number(numbers[0]);
            return new Rlimit(resource, soft, numbers.length > 1 ? number(numbers[1]) : soft);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("limit '" + text + "' is not NAME=SOFT[:HARD]", e);
        }
    }

    private static long number(String text) {
        if (text.equals("unlimited") || text.equals("-1")) {
            return UNLIMITED;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                throw new IllegalArgumentException("'" + text + "' is no number");
            }
        }
        return Long.parseLong(text);
    }

    public void lower(PlanBuilder plan) {
        byte[] words = new byte[16];
        for (int i = 0; i < 8; i++) {
            words[i] = (byte) (soft >>> 8 * i);
            words[8 + i] = (byte) (hard >>> 8 * i);
        }
        plan.add(
                Sys.PRLIMIT64,
                Arg.num(0),
                Arg.flags(resource.ordinal(), "RLIMIT_" + resource),
                new Arg.Bytes(words, "{rlim_cur=" + text(soft) + ", rlim_max=" + text(hard) + "}"),
                Arg.NULL);
    }

    private static String text(long limit) {
        return limit == UNLIMITED ? "RLIM64_INFINITY" : Long.toString(limit);
    }
}
