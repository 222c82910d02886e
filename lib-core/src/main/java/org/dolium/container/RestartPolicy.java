// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.Locale;
import org.dolium.linux.Quoting;

/// Whether a command that has ended is run again; see [ContainerBuilder#supervise] and [AfterEnd].
///
/// @param most how often at most after failures; 0 for no limit
public record RestartPolicy(When when, int most) {
    /// After which ends a command is run again.
    public enum When {
        NEVER,
        /// When it ended with a code other than 0, or by a signal.
        ON_FAILURE,
        ALWAYS,
        /// As [#ALWAYS]; who starts containers again after the machine was switched off leaves those alone that somebody had stopped.
        UNLESS_STOPPED
    }

    private static final int DIGITS = 9;

    public RestartPolicy {
        if (most < 0 || most > 0 && when != When.ON_FAILURE) {
            throw new IllegalArgumentException("a number of restarts, here " + most + ", is for failures only, and not negative");
        }
    }

    public static RestartPolicy no() {
        return new RestartPolicy(When.NEVER, 0);
    }

    public static RestartPolicy onFailure() {
        return new RestartPolicy(When.ON_FAILURE, 0);
    }

    /// @param most how often at most; 0 for no limit
    public static RestartPolicy onFailure(int most) {
        return new RestartPolicy(When.ON_FAILURE, most);
    }

    public static RestartPolicy always() {
        return new RestartPolicy(When.ALWAYS, 0);
    }

    public static RestartPolicy unlessStopped() {
        return new RestartPolicy(When.UNLESS_STOPPED, 0);
    }

    /// In Docker's words, which [#parse] reads: `no`, `on-failure`, `on-failure:3`, `always` or `unless-stopped`.
    public String text() {
        return when == When.NEVER ? "no" : when.name().toLowerCase(Locale.ROOT).replace('_', '-') + (most == 0 ? "" : ":" + most);
    }

    /// Reads Docker's words: `no`, `on-failure`, `on-failure:3`, `always`, and `unless-stopped`.
    public static RestartPolicy parse(String text) {
        switch (text) {
            case "no":
                return no();
            case "always":
                return always();
            case "unless-stopped":
                return unlessStopped();
            case "on-failure":
                return onFailure();
            default:
                String number = text.startsWith("on-failure:") ? text.substring(text.indexOf(':') + 1) : "";
                boolean digits = !number.isEmpty() && number.length() <= DIGITS;
                for (int i = 0; i < number.length(); i++) {
                    digits &= number.charAt(i) >= '0' && number.charAt(i) <= '9';
                }
                if (!digits) {
                    throw new IllegalArgumentException("restart policy '" + Quoting.printable(text)
                            + "' is unknown; there is no, on-failure, on-failure:3, always and unless-stopped");
                }
                return onFailure(Integer.parseInt(number));
        }
    }

    /// @param success whether the command ended with code 0
    /// @param restarts how often it was run again already
    boolean again(boolean success, long restarts) {
        return when == When.ALWAYS || when == When.UNLESS_STOPPED || when == When.ON_FAILURE && !success && (most == 0 || restarts < most);
    }
}
