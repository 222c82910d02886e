// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Test;

class KernelTest {
    @Test
    void a_call_that_fails_is_an_exception_that_reads_like_strace() {
        Syscall call = Syscall.of(Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/no/such"), Arg.flags(0, "O_RDONLY"), Arg.num(0));
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Kernel.perform(call))
                .withMessage("openat(AT_FDCWD, \"/no/such\", O_RDONLY, 0) = -1 ENOENT");
    }

    @Test
    void only_the_last_4095_numbers_are_errors() {
        assertThat(Kernel.failed(-1)).isTrue();
        assertThat(Kernel.failed(-4095)).isTrue();
        assertThat(Kernel.failed(-4096)).isFalse();
        assertThat(Kernel.failed(Long.MIN_VALUE)).isFalse();
        assertThat(Kernel.failed(0)).isFalse();
        assertThat(Kernel.errno(-13)).isEqualTo(Errno.EACCES);
    }

    @Test
    void all_six_arguments_arrive() throws ErrnoException {
        long page = Kernel.perform(Syscall.of(
                Sys.MMAP, Arg.NULL, Arg.num(4096), Arg.num(0), Arg.num(0x22), Arg.num(-1), Arg.num(0)));
        assertThat(page).isPositive();
        // the sixth, an offset that is no multiple of a page, is what the kernel refuses
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Kernel.perform(Syscall.of(
                        Sys.MMAP, Arg.NULL, Arg.num(4096), Arg.num(0), Arg.num(0x22), Arg.num(-1), Arg.num(7))))
                .withMessageEndingWith(" = -1 EINVAL");
    }

    @Test
    void results_of_other_steps_mean_nothing_now() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kernel.perform(Syscall.of(Sys.CLOSE, new Arg.Result(0))))
                .withMessageContaining("$0");
    }

    /// A shared place for errno would give wrong values here.
    @Test
    void J_03_every_thread_sees_its_own_errno() throws InterruptedException {
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Syscall call = i % 2 == 0
                    ? Syscall.of(Sys.CLOSE, Arg.num(-1))
                    : Syscall.of(Sys.CHDIR, Arg.str("/no/such/directory"));
            Errno expected = i % 2 == 0 ? Errno.EBADF : Errno.ENOENT;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 5000; n++) {
                    try {
                        Kernel.perform(call);
                        wrong.incrementAndGet();
                    } catch (ErrnoException e) {
                        wrong.addAndGet(e.errno().equals(expected) ? 0 : 1);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).hasValue(0);
    }

    @Test
    void a_descriptor_is_closed_once_and_never_somebody_elses() throws ErrnoException {
        Fd[] pipe = Fd.pipe();
        int number = pipe[0].number();
        pipe[0].close();
        assertThat(pipe[0].isOpen()).isFalse();
        assertThatIllegalStateException().isThrownBy(pipe[0]::number);
        try (Fd reused = Fd.open("/", 0, 0);
                Fd write = pipe[1]) {
            pipe[0].close();
            assertThat(Kernel.call(Sys.FCNTL, reused.number(), 1, 0)).isEqualTo(1); // F_GETFD: FD_CLOEXEC
            assertThat(write.isOpen()).isTrue();
            assertThat(number).isPositive();
        }
    }

    @Test
    void a_descriptor_that_is_in_the_way_is_copied_upwards() throws ErrnoException {
        Fd[] pipe = Fd.pipe();
        try (Fd read = pipe[0];
                Fd write = pipe[1].copyAbove(300)) {
            pipe[1].close();
            assertThat(write.number()).isGreaterThanOrEqualTo(300);
            assertThat(read.isOpen()).isTrue();
            write.write(new byte[] {1}, "pipe");
        }
    }

    @Test
    void a_file_that_can_not_be_opened_is_named() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Fd.open("/no/such", 01, 0))
                .withMessage("openat(AT_FDCWD, \"/no/such\", 01) = -1 ENOENT");
        assertThatIllegalArgumentException().isThrownBy(() -> Fd.open("/etc\0/passwd", 0, 0));
    }

    @Test
    void the_host_is_what_proc_says() throws Exception {
        Host host = HostProbe.host();
        ProcessStatus status = ProcessStatus.self();
        String release = Files.readString(Path.of("/proc/sys/kernel/osrelease"));
        assertThat(release).startsWith(host.kernelMajor() + "." + host.kernelMinor() + ".");
        assertThat(host.uid()).isEqualTo(status.effectiveUid());
        assertThat(host.capabilities()).isEqualTo(status.mask("CapEff"));
        assertThat(host.lastCapability())
                .isEqualTo(Integer.parseInt(output("cat", "/proc/sys/kernel/cap_last_cap")));
        assertThat(host.arch()).isEqualTo(Kernel.ARCH);
        assertThat(HostProbe.host()).isSameAs(host);
    }

    /// Not read by Java, which begins with one byte: the kernel gives the rest of a number to nobody.
    private static String output(String... command) throws IOException {
        return new ProcessBuilder(command).start().inputReader().readLine();
    }

    @Test
    void the_page_of_machine_code_is_executable_and_not_writable() throws IOException {
        long address = Native.RAW.address();
        List<String> pages = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.startsWith(Long.toHexString(address) + "-"))
                .toList();
        assertThat(pages).singleElement().asString().contains(" r-xp ");
    }
}
