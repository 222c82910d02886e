// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.dolium.cgroup.dbus.Deadline;
import org.dolium.cgroup.systemd.NoManagerException;
import org.dolium.cgroup.systemd.SocketChoice;
import org.dolium.cgroup.systemd.SocketEvidence;
import org.dolium.cgroup.systemd.Systemd;

/// What is asked of a user's systemd manager to know the situation.
final class UserManager {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private UserManager() {}

    /// Whether there is one that answers.
    static boolean answers(long uid) throws IOException {
        SocketChoice choice = SocketChoice.of(SocketEvidence.collect(uid));
        if (choice.sockets().isEmpty()) {
            return false;
        }
        try (Systemd systemd = Systemd.connect(choice, Deadline.in(PATIENCE))) {
            return !systemd.version().isEmpty();
        } catch (NoManagerException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// Whether it left the cgroup that the JVM is in to the JVM: units of user managers carry no mark that says so.
    static boolean delegatesToThis(long uid) throws IOException {
        SocketChoice choice = SocketChoice.of(SocketEvidence.collect(uid));
        try (Systemd systemd = Systemd.connect(choice, Deadline.in(PATIENCE))) {
            return systemd.delegates(ProcessHandle.current().pid());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException("interrupted while systemd was asked");
        failure.initCause(e);
        return failure;
    }
}
