// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.oci.json.JsonPlace;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.jspecify.annotations.Nullable;

/// The words of the format: actions, comparisons, architectures.
final class Words {
    private static final int MAX_ERRNO = 4095;
    private static final int MAX_DATA = 0xffff;
    private static final int EPERM = 1;
    private static final int ERRNO = SeccompAction.errno(new Errno(0)).value();
    private static final int TRACE = SeccompAction.trace(0).value();

    private static final Map<String, SeccompAction> PLAIN_ACTIONS = Map.of(
            "SCMP_ACT_ALLOW", SeccompAction.ALLOW,
            "SCMP_ACT_LOG", SeccompAction.LOG,
            "SCMP_ACT_KILL", SeccompAction.KILL_THREAD,
            "SCMP_ACT_KILL_THREAD", SeccompAction.KILL_THREAD,
            "SCMP_ACT_KILL_PROCESS", SeccompAction.KILL_PROCESS,
            "SCMP_ACT_TRAP", SeccompAction.trap(0));

    private static final Map<String, Comparison> COMPARISONS = Map.of(
            "SCMP_CMP_NE", Comparison.NE,
            "SCMP_CMP_LT", Comparison.LT,
            "SCMP_CMP_LE", Comparison.LE,
            "SCMP_CMP_EQ", Comparison.EQ,
            "SCMP_CMP_GE", Comparison.GE,
            "SCMP_CMP_GT", Comparison.GT,
            "SCMP_CMP_MASKED_EQ", Comparison.MASKED_EQ);

    static final Set<String> ARCHITECTURES = words("SCMP_ARCH_", """
            X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC
            PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB
            """);

    /// What `includes` and `excludes` call architectures.
    static final Set<String> DOCKER_ARCHITECTURES = words("", """
            386 amd64 x86 x32 arm arm64 mips mips64 mips64n32 mipsel mipsel64 mipsel64n32 mipsle mips64le ppc ppc64 ppc64le s390
            s390x parisc parisc64 riscv64 loong64 loongarch64
            """);

    /// System calls that neither x86-64 nor AArch64 has, but 32-bit programs or other processors.
    private static final Set<String> CALLS_ELSEWHERE = words("", """
            _llseek _newselect arm_fadvise64_64 arm_sync_file_range bdflush break breakpoint cacheflush chown32
            clock_adjtime64 clock_getres_time64 clock_gettime64 clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32
            fcntl64 fstat64 fstatat64 fstatfs64 ftime ftruncate64 futex_time64 getegid32 geteuid32 getgid32 getgroups32
            getresgid32 getresuid32 getuid32 gtty idle io_pgetevents_time64 ipc lchown32 lock lstat64 mmap2 mpx
            mq_timedreceive_time64 mq_timedsend_time64 multiplexer nice oldfstat oldlstat oldolduname oldstat olduname
            osf_getdirentries osf_select pciconfig_iobase pciconfig_read pciconfig_write perfctr ppoll_time64 prof profil
            pselect6_time64 readdir recv recvmmsg_time64 riscv_flush_icache riscv_hwprobe rt_sigtimedwait_time64 rtas
            s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr s390_sthyi
            sched_rr_get_interval_time64 semtimedop_time64 send sendfile64 set_tls setfsgid32 setfsuid32 setgid32
            setgroups32 setregid32 setresgid32 setresuid32 setreuid32 setuid32 sgetmask sigaction signal sigpending
            sigprocmask sigreturn sigsuspend socketcall spu_create spu_run ssetmask stat64 statfs64 stime stty subpage_prot
            swapcontext switch_endian sync_file_range2 sys_debug_setcontext timer_gettime64 timer_settime64
            timerfd_gettime64 timerfd_settime64 truncate64 ugetrlimit ulimit umount usr26 usr32 utimensat_time64 vm86
            vm86old waitpid get_tls
            """);

    private Words() {}

    private static Set<String> words(String prefix, String text) {
        return Set.copyOf(Arrays.stream(text.strip().split("\\s+")).map(word -> prefix + word).toList());
    }

    static boolean isElsewhere(String call) {
        return CALLS_ELSEWHERE.contains(call);
    }

    /// Reads an action with its errno.
    static SeccompAction action(JsonPlace name, @Nullable JsonPlace errno) {
        String text = name.text();
        if (text.equals("SCMP_ACT_ERRNO")) {
            return SeccompAction.errno(new Errno(errno == null ? EPERM : errno.integer(MAX_ERRNO)));
        }
        if (text.equals("SCMP_ACT_TRACE")) {
            return SeccompAction.trace(errno == null ? EPERM : errno.integer(MAX_DATA));
        }
        SeccompAction action = PLAIN_ACTIONS.get(text);
        if (action == null) {
            throw name.unknown(text.equals("SCMP_ACT_NOTIFY")
                    ? "for a supervisor; a profile in a file has none"
                    : "no known action");
        }
        if (errno != null) {
            throw errno.error("is for SCMP_ACT_ERRNO and SCMP_ACT_TRACE only");
        }
        return action;
    }

    /// The name of an action.
    ///
    /// @throws IllegalArgumentException if it has none
    static String name(SeccompAction action) {
        if (errno(action) >= 0) {
            return (action.value() & ~MAX_DATA) == ERRNO ? "SCMP_ACT_ERRNO" : "SCMP_ACT_TRACE";
        }
        return name(PLAIN_ACTIONS, action, "SCMP_ACT_KILL");
    }

    /// The errno that belongs to an action, or -1 if none does.
    static int errno(SeccompAction action) {
        int kind = action.value() & ~MAX_DATA;
        int data = action.value() & MAX_DATA;
        return kind == ERRNO && data <= MAX_ERRNO || kind == TRACE ? data : -1;
    }

    static Comparison comparison(JsonPlace name) {
        Comparison comparison = COMPARISONS.get(name.text());
        if (comparison == null) {
            throw name.unknown("no known comparison");
        }
        return comparison;
    }

    static String name(Comparison comparison) {
        return name(COMPARISONS, comparison, "");
    }

    private static <T> String name(Map<String, T> names, T value, String not) {
        for (Map.Entry<String, T> entry : names.entrySet()) {
            if (entry.getValue().equals(value) && !entry.getKey().equals(not)) {
                return entry.getKey();
            }
        }
        throw new IllegalArgumentException("the format of JSON profiles has no word for '" + value + "'");
    }

    /// What `includes` calls an architecture.
    static String docker(Arch arch) {
        return arch == Arch.X86_64 ? "amd64" : "arm64";
    }

    static String libseccomp(Arch arch) {
        return arch == Arch.X86_64 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64";
    }
}
