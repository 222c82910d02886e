// SPDX-License-Identifier: Apache-2.0
package org.dolium.plan;

import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.jspecify.annotations.Nullable;

/// One step of a launch plan: a system call, or an assertion about what an earlier call wrote.
///
/// There are no branches. A call that fails ends the plan, unless its errno is one of `tolerated`; then its result is
/// *absent*, and every later step that uses the result is skipped and is absent too.
public sealed interface Step {

    /// A system call.
    ///
    /// @param call what to do
    /// @param tolerated the errnos that make the result absent; any other errno ends the plan
    /// @param expected the only acceptable result, or [#ANY] for every non-negative one; another result ends the plan
    ///     with `EPROTO`
    /// @param noted whether a tolerated failure is also reported to the JVM
    record Call(Syscall call, List<Errno> tolerated, long expected, boolean noted) implements Step {
        /// Every non-negative result is a success.
        public static final long ANY = -1;

        public Call {
            tolerated = List.copyOf(tolerated);
        }

        public Call(Syscall call) {
            this(call, List.of(), ANY, false);
        }

        @Override
        public String toString() {
            StringBuilder out = new StringBuilder(call.toString());
            if (expected != ANY) {
                out.append(" must be ").append(expected);
            }
            if (!tolerated.isEmpty()) {
                out.append(" or ");
                for (int i = 0; i < tolerated.size(); i++) {
                    out.append(i > 0 ? "|" : "").append(tolerated.get(i));
                }
            }
            return out.toString();
        }
    }

    /// Asserts that the little-endian 64-bit word at `offset` of the [org.dolium.linux.Arg.Buffer] argument number
    /// `argument` of step `step`, masked with `mask`, equals `value`; otherwise the plan ends with `EPROTO`. Skipped
    /// where that step's result is absent.
    record Expect(int step, int argument, int offset, long mask, long value, String text) implements Step {
        @Override
        public String toString() {
            return "expect $" + step + " " + text;
        }
    }

    /// From here on, calls with fewer than six arguments carry `word` as their sixth. The kernel does not look at it, but a
    /// filter of system calls can: it knows by it which calls are the plan's.
    record Pass(long word) implements Step {
        @Override
        public String toString() {
            return "from here on a secret number is the sixth argument";
        }
    }

    /// Goes on in a child of this process. This process has done its part: it becomes the init of the container's pid namespace, a
    /// fixed program that hands signals on to that child, waits for all that end, and ends as the child does, with 128 and the
    /// number of the signal if one ended it. The child leads a process group of its own, which is in the foreground if its
    /// standard input is the session's terminal.
    ///
    /// @param filter what the init may call, or null for everything
    record Init(Arg.@Nullable Filter filter) implements Step {
        /// How the child is made.
        public static final Syscall CALL = Syscall.of(
                Sys.CLONE, Arg.flags(17, "SIGCHLD"), Arg.NULL, Arg.NULL, Arg.NULL, Arg.num(0));

        /// Its own calls, the only ones that the filter has to allow.
        public static final List<Sys> CALLS =
                List.of(Sys.CLOSE_RANGE, Sys.RT_SIGTIMEDWAIT, Sys.KILL, Sys.WAIT4, Sys.EXIT_GROUP);

        @Override
        public String toString() {
            return CALL + ", and go on in the child; be its init" + (filter == null ? "" : " " + filter);
        }
    }

    /// Goes on in a child of this process, which becomes the monitor of a detached container: a fixed program that writes what the
    /// container prints to a log, waits for its end, and tells of it in a file. Until the JVM says that the container is to outlive it,
    /// the monitor ends with the channel to the JVM, and the container with it; see `docs/decisions/0021`.
    ///
    /// The descriptors from `firstFd` on are, in this order: the program of the container, the channel to the JVM, the directory,
    /// the lock, the log, the status, and what the container writes to as its standard output and standard error; then, if the
    /// container is born into a cgroup, the directory of that. The monitor keeps those from the channel to standard error. Between standard
    /// error and the cgroup there may be others, which it only keeps open: locks that end with it. If the container reads something
    /// that others write, the first of these is the socket on which they ask the monitor for it, and if that is a pipe, the second
    /// one is the end to write to.
    ///
    /// @param call how the container is made
    /// @param firstFd the first of these descriptors, which follow each other
    /// @param capabilities what the monitor keeps, one bit each
    /// @param killsGroup whether the end of the container does not end all that it started, so that its process group is killed
    /// @param logBytes the length from which on the log is continued in a new file, or 0 for never
    /// @param logFiles how many files the log has at most
    /// @param filter what the monitor may call, or null for everything
    /// @param input what the container reads
    /// @param kept how many further descriptors it keeps open
    /// @param counts how many of these, the last ones, are read once when the container has ended; what is in them is written to the
    ///     file before them, at every [#COUNTS_LENGTH] bytes
    /// @param logged how long the log is already
    record Monitor(
            Syscall call, int firstFd, long capabilities, boolean killsGroup, long logBytes, int logFiles,
            Arg.@Nullable Filter filter, Input input, int kept, int counts, long logged) implements Step {
        /// What a container reads that others may write later.
        public enum Input {
            NONE, TERMINAL, PIPE
        }

        /// The places of its descriptors, counted from the first.
        public static final int PROGRAM = 0;
        public static final int CHANNEL = 1;
        public static final int DIRECTORY = 2;
        public static final int LOCK = 3;
        public static final int LOG = 4;
        public static final int STATUS = 5;
        public static final int OUTPUT = 6;
        public static final int ERROR = 7;
        public static final int COUNT = 8;
        public static final int ATTACH = 8;
        public static final int INPUT = 9;

        /// How a request begins that only wants what the container reads, and one after which the monitor has it no more: then the
        /// container's input ends when the asker closes it.
        public static final char SHARE = 'A';
        public static final char TAKE = 'T';

        /// What is read of each of [#counts] at most.
        public static final int COUNTS_LENGTH = 1024;

        /// What it writes to the channel when it outlives the JVM.
        public static final char CONFIRMED = 'K';

        /// What the container's process writes to it when it dies with the monitor.
        public static final char BOUND = 'R';

        /// One of a container without input, that keeps nothing else open.
        public Monitor(
                Syscall call, int firstFd, long capabilities, boolean killsGroup, long logBytes, int logFiles,
                Arg.@Nullable Filter filter) {
            this(call, firstFd, capabilities, killsGroup, logBytes, logFiles, filter, Input.NONE, 0, 0, 0);
        }

        /// The first descriptor that it does not keep.
        public int end() {
            return firstFd + COUNT + kept;
        }

        @Override
        public String toString() {
            String log = logBytes == 0 ? "one log" : logFiles + " logs of " + logBytes + " bytes";
            log += logged == 0 ? "" : ", the first one after " + logged;
            String handed = input == Input.NONE ? "" : input == Input.PIPE ? ", hand out its input" : ", hand out its terminal";
            return call + ", and go on in the child; be its monitor, with " + log + handed + (killsGroup ? ", kill its group" : "")
                    + (filter == null ? "" : ", " + filter);
        }
    }

    /// Goes on in a new process that is the JVM's child too, and is born where the old one can't get: into the pid namespace
    /// that was joined, as joining one changes only later children, or into a cgroup. The old process reports the new one's
    /// pid and ends.
    ///
    /// @param call how it is made: it has the parent of the one before, and the signal of its end
    record Fork(Syscall call) implements Step {
        private static final int CLONE_ARGS = 88;

        /// In the cgroup of the one before.
        public static Fork here() {
            return new Fork(Syscall.of(
                    Sys.CLONE, Arg.flags(0x8000 | 17, "CLONE_PARENT|SIGCHLD"), Arg.NULL, Arg.NULL, Arg.NULL, Arg.num(0)));
        }

        /// In a cgroup of cgroup v2, which takes no lock that waits.
        ///
        /// @param directory the number of a descriptor of its directory
        public static Fork into(int directory) {
            byte[] arguments = new byte[CLONE_ARGS];
            arguments[1] = (byte) 0x80; // CLONE_PARENT: the signal of its end is that of the one before
            arguments[4] = 2; // CLONE_INTO_CGROUP
            arguments[80] = (byte) directory;
            Arg.Bytes how = new Arg.Bytes(arguments, "{flags=CLONE_PARENT|CLONE_INTO_CGROUP, cgroup=" + directory + "}");
            return new Fork(Syscall.of(Sys.CLONE3, how, Arg.num(CLONE_ARGS)));
        }

        @Override
        public String toString() {
            return call + ", and go on in the child";
        }
    }
}
