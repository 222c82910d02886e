// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.plan.Step;

/// The program of a monitor; see [Step.Monitor]. It uses no memory but the stack, has every signal blocked, as the launch has it,
/// and waits in one place only.
///
/// ```
/// confine itself, tell the container's pid, close all but its own descriptors
/// loop:    if the log is too long: rename it to log.1, that to log.2 …, and begin a new one
///          ppoll(channel, container, standard output, standard error, requests)
///          channel:   "go": outlive the JVM, confirm that; a terminal: that is standard output; its end: abort
///          requests:  send what the container reads to the asker; close the own one if it is to be the asker's alone
///          container: it has ended: without "go" wait for that, then wait no more, but read what is there
///          outputs:   read, and append a record to the log, or count what got lost
/// finish:  wait4(container), copy what its cgroup counted, write status.new, rename it to status, exit
/// abort:   kill(container), wait4(container), exit
/// ```
final class MonitorProgram {
    /// How much is read at once.
    private static final int CHUNK = 16384;

    private static final int PID = 0;
    private static final int GROUP = 8;
    private static final int CHANNEL = 16; // five struct pollfd
    private static final int CONTAINER = 24;
    private static final int OUTPUT = 32;
    private static final int ERROR = 40;
    private static final int ATTACH = 48;
    private static final int LOG = 56;
    private static final int LENGTH = 64;
    private static final int READ = 72;
    private static final int WHOLE = 80;
    private static final int LEFT = 88;
    private static final int TIMEOUT = 96;
    private static final int AT_ONCE = 104; // a struct timespec
    private static final int INPUT = 120; // negative when there is none
    private static final int STATUS = 128; // magic, wait status, time of the end, lost bytes, struct rusage
    private static final int ENDED = STATUS + 8;
    private static final int LOST = STATUS + 24;
    private static final int USAGE = STATUS + 32;
    private static final int MESSAGE = USAGE + 144; // a struct msghdr
    private static final int VECTOR = MESSAGE + 56;
    private static final int CONTROL = VECTOR + 16;
    private static final int TEXT = CONTROL + 24;
    private static final int SCRATCH = TEXT + 8;
    private static final int RELEASED = SCRATCH + 8; // negative when the container outlives the JVM
    private static final int RECORD = RELEASED + 8; // its header and what was read

    private static final int HEADER = 24;

    private static final int DESCRIPTOR = CONTROL + 16;
    private static final int ONE_DESCRIPTOR = 20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /// What it needs of the frame.
    static final int ROOM = RECORD + HEADER + CHUNK + 15 & ~15;

    private static final int STATUS_LENGTH = 80;
    private static final int MAGIC = 0x31534c44;
    private static final long POLLIN = 1L << 32;
    private static final int REVENTS = 48;
    /// So often it looks after what there is to read when the container has ended: more often than a pipe has parts.
    private static final int LAST_READS = 512;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int SIGKILL = 9;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    /// `O_WRONLY|O_CREAT|O_EXCL|O_APPEND|O_CLOEXEC`.
    private static final int NEW_LOG = 0x804c1;

    private final Assembler asm;
    private final Arch arch;
    private final Constants constants;
    private final int step;
    private final int frame;
    private final Step.Monitor monitor;
    private final int first;
    private int abort;

    /// @param frame the offset of [#ROOM] bytes
    MonitorProgram(Assembler asm, Arch arch, Constants constants, int step, int frame, Step.Monitor monitor) {
        this.asm = asm;
        this.arch = arch;
        this.constants = constants;
        this.step = step;
        this.frame = frame;
        this.monitor = monitor;
        this.first = monitor.firstFd();
    }

    /// The monitor itself. The result is the container's pid.
    void emit() {
        asm.store(frame + PID);
        asm.negate();
        asm.store(frame + GROUP);
        prepare();
        int loop = asm.code().size();
        rotate();
        asm.frameAddress(0, frame + CHANNEL);
        numbers(1, 5);
        asm.frameWord(2, frame + TIMEOUT);
        numbers(3, 0, 8);
        call(Sys.PPOLL);
        int some = asm.branchUnlessError();
        asm.branchBack(loop); // it was stopped and went on; see signal(7)
        asm.land(some);
        int nothing = asm.branchIfResult(0);
        int channel = channel(loop);
        if (monitor.input() != Step.Monitor.Input.NONE) {
            attach();
        }
        container(channel);
        relay(OUTPUT, 1);
        relay(ERROR, 2);
        asm.load(frame + LEFT);
        asm.addNumber(-1);
        asm.store(frame + LEFT);
        int enough = asm.branchIfResult(0);
        asm.branchBack(loop);
        asm.land(nothing);
        asm.land(enough);
        finish();
        asm.land(abort);
        abort();
    }

    private void prepare() {
        asm.zero(frame + CHANNEL, (RECORD - CHANNEL) / 8);
        if (monitor.logged() > 0) {
            set(LENGTH, monitor.logged());
        }
        ByteBuffer polled = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        int own = monitor.end() - first; // the descriptor of the container
        for (int place : new int[] {Step.Monitor.CHANNEL, own, Step.Monitor.OUTPUT, Step.Monitor.ERROR}) {
            polled.putLong(first + place | POLLIN);
        }
        polled.putLong(monitor.input() == Step.Monitor.Input.NONE ? -1 : first + Step.Monitor.ATTACH | POLLIN);
        asm.copy(frame + CHANNEL, constants.place(polled.array()), 5);
        set(INPUT, monitor.input() == Step.Monitor.Input.PIPE ? first + Step.Monitor.INPUT : -1);
        set(LOG, first + Step.Monitor.LOG);
        set(LEFT, Long.MAX_VALUE);
        pointer(MESSAGE + 16, VECTOR);
        set(MESSAGE + 24, 1);
        pointer(MESSAGE + 32, CONTROL);
        pointer(VECTOR, TEXT);
        set(VECTOR + 8, 8);
        openContainer();
        confine();
        asm.load(frame + PID);
        asm.note(PlanCompiler.FORKED | step);
        numbers(0, 0, first + Step.Monitor.PROGRAM, 0);
        call(Sys.CLOSE_RANGE);
    }

    /// Its descriptor is the one after the last, as all before are in use.
    private void openContainer() {
        numbers(0, monitor.end(), 0xffffffffL, 0);
        call(Sys.CLOSE_RANGE);
        asm.failIfError();
        asm.frameWord(0, frame + PID);
        numbers(1, 0);
        call(Sys.PIDFD_OPEN);
        asm.failIfError();
        asm.failUnlessResult(monitor.end());
    }

    private void confine() {
        numbers(0, PR_SET_DUMPABLE, 0);
        call(Sys.PRCTL);
        asm.failIfError();
        asm.constant(0, text("/"));
        call(Sys.CHDIR);
        numbers(0, PR_SET_NAME);
        asm.constant(1, text("dolium-monitor"));
        call(Sys.PRCTL);
        ByteBuffer sets = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putInt(CAPABILITY_VERSION_3).putInt(0);
        for (int half = 0; half < 2; half++) {
            int kept = (int) (monitor.capabilities() >>> 32 * half);
            sets.putInt(kept).putInt(kept).putInt(0); // effective, permitted, inheritable
        }
        asm.copy(frame + RECORD, constants.place(sets.array()), 4); // emulators want to write to it
        asm.frameAddress(0, frame + RECORD);
        asm.frameAddress(1, frame + RECORD + 8);
        call(Sys.CAPSET);
        asm.failIfError();
        Arg.Filter filter = monitor.filter();
        if (filter != null) {
            numbers(0, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            call(Sys.PRCTL);
            asm.failIfError();
            numbers(0, 1, 0);
            asm.constant(2, constants.placeFilter(filter.program(), filter.length()));
            call(Sys.SECCOMP);
            asm.failIfError();
        }
    }

    /// Continues the log in a new file if this one is too long, or if the last attempt failed.
    private void rotate() {
        int small = -1;
        int renamed = -1;
        if (monitor.logBytes() > 0) {
            asm.load(frame + LENGTH);
            small = asm.branchIfLess(monitor.logBytes());
            asm.frameWord(0, frame + LOG);
            call(Sys.CLOSE);
            for (int i = monitor.logFiles() - 1; i > 0; i--) {
                rename(log(i - 1), log(i));
            }
            if (monitor.logFiles() == 1) {
                numbers(0, first + Step.Monitor.DIRECTORY);
                asm.constant(1, text("log"));
                numbers(2, 0);
                call(Sys.UNLINKAT);
            }
            set(LENGTH, 0);
            renamed = asm.branch();
            asm.land(small);
            int closed = asm.branchIfAbsent(frame + LOG);
            int open = asm.branch();
            asm.land(closed);
            asm.land(renamed);
            openLog();
            asm.land(open);
        }
    }

    private static String log(int number) {
        return number == 0 ? "log" : "log." + number;
    }

    private void openLog() {
        numbers(0, first + Step.Monitor.DIRECTORY);
        asm.constant(1, text("log"));
        numbers(2, NEW_LOG | OpenFlags.noFollow(arch), 0600);
        call(Sys.OPENAT);
        asm.store(frame + LOG);
    }

    private void rename(String from, String to) {
        numbers(0, first + Step.Monitor.DIRECTORY);
        asm.constant(1, text(from));
        numbers(2, first + Step.Monitor.DIRECTORY);
        asm.constant(3, text(to));
        numbers(4, 0);
        call(Sys.RENAMEAT2);
    }

    /// What the JVM says.
    ///
    /// @return where that is waited for
    private int channel(int loop) {
        asm.field(frame + CHANNEL, REVENTS, 16);
        int silent = asm.branchIfResult(0);
        int channel = asm.code().size();
        set(MESSAGE + 40, TEXT - CONTROL); // the kernel changes it
        numbers(0, first + Step.Monitor.CHANNEL);
        asm.frameAddress(1, frame + MESSAGE);
        numbers(2, 0);
        call(Sys.RECVMSG);
        int go = asm.branchIfResult(1);
        int terminal = asm.branchIfResult(2);
        abort = asm.branch();
        asm.land(go);
        numbers(0, PR_SET_PDEATHSIG, 0);
        call(Sys.PRCTL);
        numbers(0, first + Step.Monitor.CHANNEL);
        asm.constant(1, text("" + Step.Monitor.CONFIRMED));
        numbers(2, 1);
        call(Sys.WRITE);
        numbers(0, first + Step.Monitor.CHANNEL);
        call(Sys.CLOSE);
        set(CHANNEL, -1);
        set(RELEASED, -1);
        asm.branchBack(loop);
        asm.land(terminal);
        asm.field(frame + DESCRIPTOR, 0, 32);
        if (monitor.input() == Step.Monitor.Input.TERMINAL) {
            asm.store(frame + INPUT);
        }
        asm.addNumber(POLLIN);
        asm.store(frame + OUTPUT);
        asm.branchBack(loop);
        asm.land(silent);
        return channel;
    }

    /// Answers one request, by sending it back with another descriptor: to the one that came with it. If none came, or there is none to
    /// send, the calls fail, and the asker learns of it by the end of its socket.
    private void attach() {
        asm.field(frame + ATTACH, REVENTS, 16);
        int silent = asm.branchIfResult(0);
        set(DESCRIPTOR, -1);
        set(MESSAGE + 40, ONE_DESCRIPTOR);
        numbers(0, first + Step.Monitor.ATTACH);
        asm.frameAddress(1, frame + MESSAGE);
        numbers(2, MSG_DONTWAIT);
        call(Sys.RECVMSG);
        asm.field(frame + DESCRIPTOR, 0, 32);
        asm.store(frame + SCRATCH);
        asm.load(frame + INPUT);
        asm.store(frame + DESCRIPTOR);
        asm.frameWord(0, frame + SCRATCH);
        asm.frameAddress(1, frame + MESSAGE);
        numbers(2, MSG_DONTWAIT | MSG_NOSIGNAL);
        call(Sys.SENDMSG);
        asm.frameWord(0, frame + SCRATCH);
        call(Sys.CLOSE);
        if (monitor.input() == Step.Monitor.Input.PIPE) {
            asm.field(frame + TEXT, 0, 8);
            int take = asm.branchIfResult(Step.Monitor.TAKE);
            int share = asm.branch();
            asm.land(take);
            asm.frameWord(0, frame + INPUT);
            call(Sys.CLOSE);
            set(INPUT, -1);
            asm.land(share);
        }
        asm.land(silent);
    }

    /// The container's end, if it has come.
    private void container(int channel) {
        asm.field(frame + CONTAINER, REVENTS, 16);
        int alive = asm.branchIfResult(0);
        int released = asm.branchIfAbsent(frame + RELEASED);
        asm.branchBack(channel);
        asm.land(released);
        set(CONTAINER, -1);
        set(LEFT, LAST_READS);
        pointer(TIMEOUT, AT_ONCE);
        time(ENDED);
        killGroup();
        asm.land(alive);
    }

    private void killGroup() {
        if (monitor.killsGroup()) {
            asm.frameWord(0, frame + GROUP);
            numbers(1, SIGKILL);
            call(Sys.KILL);
        }
    }

    /// Reads once from a descriptor that is ready, and writes it to the log.
    private void relay(int polled, long stream) {
        asm.field(frame + polled, REVENTS, 16);
        int idle = asm.branchIfResult(0);
        asm.field(frame + polled, 0, 32);
        asm.store(frame + SCRATCH);
        asm.frameWord(0, frame + SCRATCH);
        asm.frameAddress(1, frame + RECORD + HEADER);
        numbers(2, CHUNK);
        call(Sys.READ);
        int read = asm.branchUnlessError();
        int nothing = asm.branchIfErrno(EAGAIN);
        int interrupted = asm.branchIfErrno(EINTR);
        int end = asm.code().size();
        set(polled, -1);
        int ended = asm.branch();
        asm.land(read);
        int some = asm.branchIfResult(0);
        append(stream);
        int done = asm.branch();
        asm.land(some);
        asm.branchBack(end);
        asm.land(idle);
        asm.land(nothing);
        asm.land(interrupted);
        asm.land(ended);
        asm.land(done);
    }

    /// Writes a record of so many bytes as the result says, all of it or nothing.
    private void append(long stream) {
        asm.store(frame + READ);
        asm.addNumber(stream << 32);
        asm.store(frame + RECORD + 16);
        asm.load(frame + READ);
        asm.addNumber(HEADER);
        asm.store(frame + WHOLE);
        time(RECORD);
        asm.frameWord(0, frame + LOG);
        asm.frameAddress(1, frame + RECORD);
        asm.frameWord(2, frame + WHOLE);
        call(Sys.WRITE);
        int written = asm.branchIfWord(frame + WHOLE);
        asm.load(frame + READ);
        asm.add(frame + LOST);
        asm.store(frame + LOST);
        asm.frameWord(0, frame + LOG);
        asm.frameWord(1, frame + LENGTH);
        call(Sys.FTRUNCATE);
        int lost = asm.branch();
        asm.land(written);
        asm.add(frame + LENGTH);
        asm.store(frame + LENGTH);
        asm.land(lost);
    }

    private void finish() {
        set(STATUS, MAGIC);
        asm.frameWord(0, frame + PID);
        asm.frameAddress(1, frame + STATUS + 4);
        numbers(2, 0);
        asm.frameAddress(3, frame + USAGE);
        call(Sys.WAIT4);
        count();
        numbers(0, first + Step.Monitor.STATUS);
        asm.frameAddress(1, frame + STATUS);
        numbers(2, STATUS_LENGTH, 0);
        call(Sys.PWRITE64);
        rename("status.new", "status");
        asm.exit();
    }

    /// What can't be read is left out: then a length is written that no file has, and the kernel refuses.
    private void count() {
        int files = monitor.end() - monitor.counts();
        for (int i = 0; i < monitor.counts(); i++) {
            numbers(0, files + i);
            asm.frameAddress(1, frame + RECORD);
            numbers(2, Step.Monitor.COUNTS_LENGTH);
            call(Sys.READ);
            asm.store(frame + READ);
            numbers(0, files - 1);
            asm.frameAddress(1, frame + RECORD);
            asm.frameWord(2, frame + READ);
            numbers(3, i * (long) Step.Monitor.COUNTS_LENGTH);
            call(Sys.PWRITE64);
        }
    }

    private void abort() {
        asm.frameWord(0, frame + PID);
        numbers(1, SIGKILL);
        call(Sys.KILL);
        killGroup();
        asm.frameWord(0, frame + PID);
        numbers(1, 0, 0, 0);
        call(Sys.WAIT4);
        asm.exit();
    }

    private void set(int place, long value) {
        asm.set(value);
        asm.store(frame + place);
    }

    private void pointer(int place, int target) {
        asm.address(frame + target);
        asm.store(frame + place);
    }

    private void time(int place) {
        numbers(0, 0); // CLOCK_REALTIME
        asm.frameAddress(1, frame + place);
        call(Sys.CLOCK_GETTIME);
    }

    private int text(String value) {
        return constants.place(Arg.terminated(value.getBytes(StandardCharsets.US_ASCII)));
    }

    private void numbers(int from, long... values) {
        for (int i = 0; i < values.length; i++) {
            asm.number(from + i, values[i]);
        }
    }

    private void call(Sys sys) {
        asm.call(step, sys.number(arch));
    }
}
