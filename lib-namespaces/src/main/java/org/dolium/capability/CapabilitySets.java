// SPDX-License-Identifier: Apache-2.0
package org.dolium.capability;

import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// The five capability sets of a process, one bit for each capability; see capabilities(7).
///
/// For user 0 the kernel recomputes permitted and effective at the command's exec as *inheritable or bounding*; so what
/// user 0 ends up with is the bounding set, and the permitted set can't be smaller. For any other user an exec leaves only
/// the ambient capabilities, unless the file has capabilities of its own.
public record CapabilitySets(long bounding, long effective, long permitted, long inheritable, long ambient) {
    private static final int VERSION_3 = 0x20080522;
    private static final long PR_CAPBSET_DROP = 24;
    private static final long PR_GET_SECUREBITS = 27;
    private static final long PR_CAP_AMBIENT = 47;
    private static final long PR_CAP_AMBIENT_RAISE = 2;
    private static final long PR_CAP_AMBIENT_CLEAR_ALL = 4;

    public CapabilitySets {
        if ((effective & ~permitted) != 0) {
            throw new IllegalArgumentException("effective capabilities are not all permitted: " + text(effective & ~permitted));
        }
        if ((ambient & ~(permitted & inheritable)) != 0) {
            throw new IllegalArgumentException("ambient capabilities must be permitted and inheritable: "
                    + text(ambient & ~(permitted & inheritable)));
        }
        if ((permitted & ~bounding) != 0) {
            throw new IllegalArgumentException("permitted capabilities are not all in the bounding set: "
                    + text(permitted & ~bounding));
        }
    }

    /// The default: 11 capabilities in the bounding, permitted and effective sets, none inheritable or ambient.
    public static CapabilitySets standard() {
        return none().plus(Capability.CHOWN).plus(Capability.DAC_OVERRIDE).plus(Capability.FSETID)
                .plus(Capability.FOWNER).plus(Capability.SETGID).plus(Capability.SETUID).plus(Capability.SETFCAP)
                .plus(Capability.SETPCAP).plus(Capability.NET_BIND_SERVICE).plus(Capability.SYS_CHROOT)
                .plus(Capability.KILL);
    }

    public static CapabilitySets none() {
        return new CapabilitySets(0, 0, 0, 0, 0);
    }

    /// Every capability that Dolium knows.
    public static CapabilitySets all() {
        long all = (1L << Capability.values().length) - 1;
        return new CapabilitySets(all, all, all, 0, 0);
    }

    /// These sets with one more bounding, permitted and effective capability.
    public CapabilitySets plus(Capability added) {
        long bit = added.bit();
        return new CapabilitySets(bounding | bit, effective | bit, permitted | bit, inheritable, ambient);
    }

    /// These sets with one more capability that a user other than 0 keeps through exec: in all five sets.
    public CapabilitySets plusAmbient(Capability added) {
        long bit = added.bit();
        return new CapabilitySets(
                bounding | bit, effective | bit, permitted | bit, inheritable | bit, ambient | bit);
    }

    /// These sets without a capability in any of them.
    public CapabilitySets minus(Capability dropped) {
        long keep = ~dropped.bit();
        return new CapabilitySets(
                bounding & keep, effective & keep, permitted & keep, inheritable & keep, ambient & keep);
    }

    /// These sets with no other capabilities than those of `most`, one bit each.
    public CapabilitySets within(long most) {
        return new CapabilitySets(bounding & most, effective & most, permitted & most, inheritable & most, ambient & most);
    }

    /// What a user with this uid gets: one other than 0 keeps only the ambient capabilities.
    public CapabilitySets forUser(long uid) {
        return uid == 0 ? this : new CapabilitySets(bounding, ambient, ambient, inheritable & ambient, ambient);
    }

    /// Reduces the bounding set, needing `CAP_SETPCAP`.
    ///
    /// @param last the kernel's highest capability; newer ones than Dolium knows are dropped too
    public void lowerBounding(PlanBuilder plan, int last) {
        for (int c = 0; c <= last; c++) {
            if ((bounding & 1L << c) == 0) {
                plan.add(Sys.PRCTL, Arg.flags(PR_CAPBSET_DROP, "PR_CAPBSET_DROP"), name(c), Arg.num(0), Arg.num(0),
                        Arg.num(0));
            }
        }
    }

    /// Sets the other sets, after the ids.
    public void lowerFinal(PlanBuilder plan) {
        plan.add(Sys.PRCTL, Arg.flags(PR_CAP_AMBIENT, "PR_CAP_AMBIENT"),
                Arg.flags(PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT_CLEAR_ALL"), Arg.num(0), Arg.num(0), Arg.num(0));
        plan.add(Sys.CAPSET, header(), new Arg.Bytes(data(), "{effective=" + text(effective) + ", permitted="
                + text(permitted) + ", inheritable=" + text(inheritable) + "}"));
        for (int c = 0; c < 64; c++) {
            if ((ambient & 1L << c) != 0) {
                plan.add(Sys.PRCTL, Arg.flags(PR_CAP_AMBIENT, "PR_CAP_AMBIENT"),
                        Arg.flags(PR_CAP_AMBIENT_RAISE, "PR_CAP_AMBIENT_RAISE"), name(c), Arg.num(0), Arg.num(0));
            }
        }
    }

    /// Asks the kernel for the three sets of capget(2) and for the secure bits, and expects these sets and no bits.
    public void lowerVerify(PlanBuilder plan) {
        Arg.Result found = plan.add(Sys.CAPGET, header(), new Arg.Buffer(24, new byte[0], "[sets]"));
        byte[] data = data();
        for (int at = 0; at < data.length; at += 8) {
            long word = 0;
            for (int i = 7; i >= 0; i--) {
                word = word << 8 | data[at + i] & 0xff;
            }
            plan.expect(found, 1, at, -1L, word, "has the capabilities that were set");
        }
        plan.addExact(Syscall.of(Sys.PRCTL, Arg.flags(PR_GET_SECUREBITS, "PR_GET_SECUREBITS")), 0);
    }

    private static Arg.Bytes header() {
        byte[] header = new byte[8];
        put(header, 0, VERSION_3);
        return new Arg.Bytes(header, "{_LINUX_CAPABILITY_VERSION_3, 0}");
    }

    private byte[] data() {
        byte[] data = new byte[24];
        long[] sets = {effective, permitted, inheritable};
        for (int i = 0; i < 3; i++) {
            put(data, 4 * i, (int) sets[i]);
            put(data, 12 + 4 * i, (int) (sets[i] >>> 32));
        }
        return data;
    }

    private static void put(byte[] target, int at, int value) {
        for (int i = 0; i < 4; i++) {
            target[at + i] = (byte) (value >>> 8 * i);
        }
    }

    private static Arg.Num name(int c) {
        Capability[] known = Capability.values();
        return c < known.length ? Arg.flags(c, known[c].toString()) : Arg.num(c);
    }

    private static String text(long set) {
        if (set == 0) {
            return "0";
        }
        StringBuilder out = new StringBuilder();
        for (Capability capability : Capability.values()) {
            if ((set & capability.bit()) != 0) {
                out.append(out.isEmpty() ? "" : "|").append(capability);
            }
        }
        return out.toString();
    }
}
