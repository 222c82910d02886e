// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.dolium.linux.Arg;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.mount.ProcHandle;
import org.dolium.plan.PlanBuilder;

/// What a security module shall confine the command by: a profile of AppArmor or a context of SELinux. It is set before the
/// command's exec and in force from there on; what the kernel noted is read back.
///
/// @param module which security module
/// @param text the profile's name, or the context
public record SecurityLabel(Module module, String text) {
    private static final Arg.Num LSM_ATTR_EXEC = Arg.flags(101, "LSM_ATTR_EXEC");
    private static final Arg.Num LSM_FLAG_SINGLE = Arg.flags(1, "LSM_FLAG_SINGLE");
    private static final int HEADER = 32;
    private static final int BUFFER = 2048;
    private static final int LONGEST = 1024;

    /// A security module whose labels a process can choose for its next exec.
    public enum Module {
        APPARMOR("AppArmor", 104, "apparmor/exec", "exec ", " ("), SELINUX("SELinux", 101, "exec", "", "\0");

        private final String text;
        private final int id;
        private final String file;
        private final String command;
        private final String after;

        Module(String text, int id, String file, String command, String after) {
            this.text = text;
            this.id = id;
            this.file = file;
            this.command = command;
            this.after = after;
        }

        /// Its name as people write it.
        public String text() {
            return text;
        }
    }

    public SecurityLabel {
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new IllegalArgumentException("security label '" + text + "' is empty or too long");
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                throw new IllegalArgumentException("security label " + Quoting.quote(text) + " has a blank, a control"
                        + " character or one that is not ASCII");
            }
        }
    }

    /// Appends the system calls that Linux has for it since 6.8.
    void lowerByCall(PlanBuilder plan) {
        byte[] value = (module.command + text).getBytes(StandardCharsets.US_ASCII);
        byte[] context = Arrays.copyOf(header(value.length), HEADER + value.length);
        System.arraycopy(value, 0, context, HEADER, value.length);
        plan.add(
                Sys.LSM_SET_SELF_ATTR, LSM_ATTR_EXEC,
                new Arg.Bytes(context, "{id=LSM_ID_" + module + ", ctx=" + Quoting.quote(value) + "}"),
                Arg.num(context.length), Arg.num(0));
        Arg.Result found = plan.addExact(
                Syscall.of(
                        Sys.LSM_GET_SELF_ATTR, LSM_ATTR_EXEC,
                        new Arg.Buffer(BUFFER, header(0), "{id=LSM_ID_" + module + "}"),
                        new Arg.Buffer(8, new byte[] {0, BUFFER >> 8}, "[" + BUFFER + "]"), LSM_FLAG_SINGLE),
                1);
        expect(plan, found, HEADER);
    }

    /// `struct lsm_ctx` without its text.
    private byte[] header(int length) {
        byte[] context = new byte[HEADER];
        context[0] = (byte) module.id;
        int whole = HEADER + length;
        context[16] = (byte) whole;
        context[17] = (byte) (whole >> 8);
        context[24] = (byte) length;
        context[25] = (byte) (length >> 8);
        return context;
    }

    /// Appends the calls that do it through files of a /proc, as before Linux 6.8.
    void lowerByFile(PlanBuilder plan, ProcHandle proc) {
        byte[] value = (module.command + text).getBytes(StandardCharsets.US_ASCII);
        proc.write("self/attr/" + module.file, value, Quoting.quote(value) + " /* LSM_ID_" + module + " */", true);
        Arg.Result reader = proc.open("self/attr/" + module.file, false, true);
        Arg.Result found =
                plan.add(Sys.READ, reader, new Arg.Buffer(BUFFER, new byte[0], "[label]"), Arg.num(BUFFER));
        expect(plan, found, 0);
        plan.add(Sys.CLOSE, reader);
    }

    /// The text and what comes after it, in words of 8 bytes.
    private void expect(PlanBuilder plan, Arg.Result found, int offset) {
        byte[] wanted = (text + module.after).getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < wanted.length; at += 8) {
            long word = 0;
            long mask = 0;
            for (int i = 0; i < 8 && at + i < wanted.length; i++) {
                word |= (wanted[at + i] & 0xffL) << 8 * i;
                mask |= 0xffL << 8 * i;
            }
            plan.expect(found, 1, offset + at, mask, word, "has the label " + Quoting.quote(text));
        }
    }
}
