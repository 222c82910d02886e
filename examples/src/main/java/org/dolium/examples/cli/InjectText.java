// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.container.ContainerBuilder;
import org.dolium.linux.Errno;
import org.jspecify.annotations.Nullable;

/// The words of `--inject`, which are those of strace(1): `NAME,…:error=E:retval=N:delay_enter=TIME:when=FIRST..LAST+STEP`.
final class InjectText {
    private static final Pattern WHEN = Pattern.compile("([0-9]{1,18})(?:\\.\\.([0-9]{1,18}))?(\\+([0-9]{1,18})?)?");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,12})(s|ms|us|ns)?");

    private final String text;
    private @Nullable Errno error;
    private @Nullable Long retval;
    private @Nullable Duration delay;
    private long first = 1;
    private long last = Long.MAX_VALUE;
    private long step = 1;

    private InjectText(String text) {
        this.text = text;
    }

    static void apply(String text, ContainerBuilder builder) {
        new InjectText(text).apply(builder);
    }

    private void apply(ContainerBuilder builder) {
        String[] parts = text.split(":", -1);
        for (int i = 1; i < parts.length; i++) {
            add(parts[i]);
        }
        if (error != null && retval != null) {
            throw wrong("has both an error and a retval");
        }
        if (error == null && retval == null && delay == null) {
            throw wrong("injects nothing: there is error=, retval= and delay_enter=");
        }
        for (String name : parts[0].split(",", -1)) {
            if (!name.matches("[a-z0-9_]+")) {
                throw wrong("needs names of system calls, not '" + name + "'");
            }
            inject(name, builder);
        }
    }

    private void inject(String name, ContainerBuilder builder) {
        if (delay != null) {
            builder.delaySyscall(name, delay).when(first, last, step);
        }
        if (error != null) {
            builder.failSyscall(name, error).when(first, last, step);
        }
        if (retval != null) {
            builder.stubSyscall(name, retval).when(first, last, step);
        }
    }

    private void add(String part) {
        String value = part.substring(part.indexOf('=') + 1);
        switch (part.substring(0, part.length() - value.length())) {
            case "error=" -> error = error(value);
            case "retval=" -> retval = retval(value);
            case "delay_enter=" -> delay = time(value);
            case "when=" -> when(value);
            default -> throw wrong("has '" + part + "'; there is error=, retval=, delay_enter= and when=");
        }
    }

    private Errno error(String value) {
        try {
            return Errno.parse(value);
        } catch (IllegalArgumentException e) {
            throw wrong("has an " + e.getMessage());
        }
    }

    private long retval(String value) {
        try {
            return Long.decode(value);
        } catch (NumberFormatException e) {
            throw wrong("has retval '" + value + "', which is no number");
        }
    }

    /// Microseconds, as strace has it, or with a unit.
    private Duration time(String value) {
        Matcher time = TIME.matcher(value);
        if (!time.matches()) {
            throw wrong("has delay_enter '" + value + "', which is not like 500, 500us, 20ms or 1s");
        }
        long count = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "ms" -> Duration.ofMillis(count);
            case "ns" -> Duration.ofNanos(count);
            case null, default -> Duration.ofNanos(Math.multiplyExact(count, 1000L));
        };
    }

    private void when(String value) {
        Matcher when = WHEN.matcher(value);
        if (!when.matches()) {
            throw wrong("has when '" + value + "', which is not FIRST[..LAST][+[STEP]]");
        }
        boolean repeated = when.group(3) != null;
        first = Long.parseLong(when.group(1));
        last = when.group(2) != null ? Long.parseLong(when.group(2)) : repeated ? Long.MAX_VALUE : first;
        step = when.group(4) == null ? 1 : Long.parseLong(when.group(4));
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("--inject '" + text + "' " + what);
    }
}
