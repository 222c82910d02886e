// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// The `lo` interface of a new network namespace; see netdevice(7).
public final class Loopback {
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final byte IFF_UP_RUNNING = 0x41;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ = 40;

    private Loopback() {}

    /// Brings `lo` up. The kernel gives it 127.0.0.1 and ::1 by itself.
    public static void lower(PlanBuilder plan) {
        byte[] request = new byte[IFREQ];
        request[0] = 'l';
        request[1] = 'o';
        request[IFNAMSIZ] = IFF_UP_RUNNING;
        Arg.Result socket = plan.add(
                Sys.SOCKET, Arg.flags(2, "AF_INET"), Arg.flags(0x80002, "SOCK_DGRAM|SOCK_CLOEXEC"), Arg.num(0));
        plan.add(
                Sys.IOCTL,
                socket,
                Arg.flags(SIOCSIFFLAGS, "SIOCSIFFLAGS"),
                new Arg.Bytes(request, "{ifr_name=\"lo\", ifr_flags=IFF_UP|IFF_RUNNING}"));
    }
}
