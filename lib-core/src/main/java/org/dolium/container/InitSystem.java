// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// What boots an OS container, and so what it needs and how it is asked to shut down; see [ContainerBuilder#osContainer].
public enum InitSystem {
    /// systemd, which has groups of its own in cgroup v2 for its units, and shuts down by `SIGRTMIN+3`.
    SYSTEMD(new Signal(37)),
    /// An init in the tradition of System V, as sysvinit, OpenRC's and busybox's. `SIGINT` is what the kernel sends it for
    /// Ctrl-Alt-Del: it goes to the runlevel of a restart, and the last thing it does is to ask the kernel for that, which ends the
    /// container: it is told as ended by `SIGHUP`, or after a shutdown of its own by `SIGINT`; see reboot(2). So it has
    /// `CAP_SYS_BOOT`, which in a pid namespace of its own means no more than that.
    SYSVINIT(Signal.INT),
    /// A supervisor, as supervisord or runit's: `SIGTERM`.
    OTHER(Signal.TERM);

    private final Signal stop;

    InitSystem(Signal stop) {
        this.stop = stop;
    }

    /// What asks it to shut down.
    public Signal stopSignal() {
        return stop;
    }
}
