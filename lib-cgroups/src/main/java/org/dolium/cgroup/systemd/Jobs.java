// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.net.ProtocolException;
import org.dolium.cgroup.dbus.Bus;
import org.dolium.cgroup.dbus.Message;
import org.dolium.cgroup.dbus.WireReader;
import org.jspecify.annotations.Nullable;

/// Hears which jobs of one unit came to an end. The signal can come before the answer to the call that made the job.
final class Jobs implements Bus.Listener {
    /// The end of a job.
    ///
    /// @param sender who told it
    /// @param result `done`, `failed`, `canceled`, `timeout`, `dependency` or `skipped`
    record End(String sender, String job, String result) {}

    private static final int KEPT = 8;

    private final End[] ends = new End[KEPT];
    private int heard;
    private String unit = "";

    /// From now on the jobs of this unit are heard.
    void of(String name) {
        unit = name;
        heard = 0;
    }

    @Override
    public void heard(Message message) throws ProtocolException {
        if (message.isSignal(Systemd.MANAGER, "JobRemoved")) {
            WireReader arguments = message.arguments("uoss");
            arguments.u32();
            String job = arguments.objectPath();
            String name = arguments.string();
            String result = arguments.string();
            arguments.end();
            if (name.equals(unit)) {
                ends[heard++ % KEPT] = new End(message.sender(), job, result);
            }
        }
    }

    /// How a job ended, or null while it has not. On a bus anybody can send such a signal, so it must come from whom the
    /// job came from.
    @Nullable String result(String sender, String job) {
        for (int i = 0; i < Math.min(heard, KEPT); i++) {
            if (ends[i].job.equals(job) && ends[i].sender.equals(sender)) {
                return ends[i].result;
            }
        }
        return null;
    }
}
