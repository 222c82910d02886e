// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;

/// Runs test classes in a virtual machine with Debian's kernel, unified cgroups and this JVM's JDK. No KVM is needed.
///
/// ```java
/// @TestFactory
/// @InTestVm
/// List<DynamicTest> in_a_users_own_manager() throws Exception {
///     return TestVm.kernel("6.12").systemd().user(1000).run(LaunchTest.class);
/// }
/// ```
///
/// The machine is made and booted by `src-test-fixtures/vm/vm`, whose options these methods are. As many run at a time as this one has
/// processors.
public final class TestVm {
    /// How much slower than the host the machine's tests may be.
    private static final int SLOW = 20;

    private static final String ARM64_JAVA = "/usr/lib/jvm/java-25-openjdk-arm64/bin/java";

    private static final String[] PROGRAMS = {
        "mkfs.erofs", "debootstrap", "busybox", "depmod", "cpio", "xz", "mke2fs", "setpriv", "flock"
    };

    /// The end of a command in the machine.
    ///
    /// @param status its exit status; 98 if the machine ended without giving one
    /// @param output what it printed; without a status, the end of the machine's console as well
    public record Outcome(int status, String output) {}

    private final List<String> options;

    private TestVm(List<String> options) {
        this.options = List.copyOf(options);
    }

    /// A machine with Debian's newest kernel of that series, `6.1` or `6.12`, a minimal process 1, and root as the user.
    public static TestVm kernel(String series) {
        return new TestVm(List.of("--kernel", series));
    }

    /// An AArch64 machine with Debian trixie's kernel and JDK, and a minimal process 1.
    public static TestVm arm64() {
        return new TestVm(List.of("--arch", "arm64"));
    }

    private boolean isArm64() {
        return options.contains("arm64");
    }

    private TestVm with(String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return new TestVm(all);
    }

    /// systemd is process 1.
    public TestVm systemd() {
        return with("--init", "systemd");
    }

    /// The root is the initramfs itself, out of which nobody can pivot.
    public TestVm initramfs() {
        return with("--init", "initramfs");
    }

    /// Who runs the tests. Under systemd user 1000 does so in its own user manager; 1001 has none, and no subordinate ids.
    public TestVm user(int uid) {
        return with("--user", "" + uid);
    }

    /// The cgroup of the JVM, without systemd; otherwise `/init`.
    public TestVm cgroup(String path) {
        return with("--cgroup", path);
    }

    /// The controllers that user managers get from systemd, as `cpu cpuset io memory pids`.
    public TestVm delegate(String controllers) {
        return with("--delegate", controllers);
    }

    /// The unit of the JVM is not delegated to it.
    public TestVm undelegated() {
        return with("--undelegated");
    }

    /// AppArmor is on.
    public TestVm apparmor() {
        return with("--apparmor");
    }

    /// More parameters of the kernel.
    public TestVm append(String parameters) {
        return with("--append", parameters);
    }

    /// The root file system [OsRoots#systemd] is there, too.
    public TestVm osRoot() throws IOException, InterruptedException {
        return with("--os", OsRoots.directory().resolve("systemd.erofs").toString());
    }

    /// More Debian packages in the root file system.
    public TestVm packages(String names) {
        return with("--packages", names);
    }

    /// The machine is ended after that time.
    public TestVm limitSeconds(int seconds) {
        return with("--limit", "" + seconds);
    }

    /// Runs the tests of the classes and gives their results, one by one. A test that is skipped there is a failure.
    public List<DynamicTest> run(Class<?>... classes) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("test-vm-");
        try {
            Path project = Files.createDirectory(directory.resolve("project"));
            Path out = Files.createDirectory(directory.resolve("out"));
            List<String> command = java(
                    ClassPath.copy(project, Path.of("/project")), "/scratch/tmp", ResultsMain.class, "/out/results");
            for (Class<?> type : classes) {
                command.add(type.getName());
            }
            long start = System.nanoTime();
            Outcome outcome = boot(directory, List.of("--project", project.toString(), "--out", out.toString()), command);
            String where = "in the machine " + String.join(" ", options).replace("--", "");
            List<DynamicTest> tests = Results.of(out.resolve("results"), outcome.output(), where, true);
            System.out.println(tests.size() + " tests " + where + " in " + (System.nanoTime() - start) / 1_000_000_000 + " s");
            return tests;
        } finally {
            ClassPath.delete(directory);
        }
    }

    /// Runs a command and gives its end. Where the machine can't be made the test is skipped, or fails in CI.
    public Outcome command(String... command) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("test-vm-");
        try {
            return boot(directory, List.of(), List.of(command));
        } finally {
            ClassPath.delete(directory);
        }
    }

    /// The command of a JVM inside.
    List<String> java(String classPath, String temporary, Class<?> main, String... arguments) {
        List<String> command = isArm64() ? QuickJvm.command(ARM64_JAVA) : QuickJvm.command();
        command.addAll(List.of(
                "--illegal-native-access=deny",
                "-Ddolium.mustRun=true", "-Ddolium.slow=" + SLOW, "-Djava.io.tmpdir=" + temporary,
                "-Dproject.root=/project", "-Djunit.jupiter.execution.timeout.default=300 s",
                "-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /// @param directory where the outputs of the script go
    /// @param more options of the script
    Outcome boot(Path directory, List<String> more, List<String> command)
            throws IOException, InterruptedException {
        MustRun.root();
        MustRun.program(isArm64() ? "qemu-system-aarch64" : "qemu-system-x86_64");
        for (String program : PROGRAMS) {
            MustRun.program(program);
        }
        Outcome setup = script(directory, "setup", List.of());
        MustRun.require(setup.status() == 0, "the images of the test machine: " + setup.output());
        List<String> rest = new ArrayList<>(more);
        rest.add("--");
        rest.addAll(command);
        return script(directory, "run", rest);
    }

    private Outcome script(Path directory, String action, List<String> rest) throws IOException, InterruptedException {
        Path script = Path.of(System.getProperty("project.root"), "src-test-fixtures", "vm", "vm");
        List<String> command = new ArrayList<>(List.of(script.toString(), action));
        command.addAll(options);
        command.addAll(List.of("--jdk", System.getProperty("java.home")));
        command.addAll(rest);
        Path output = directory.resolve(action);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.getOutputStream().close();
            int status = process.waitFor(); // the script has a time limit of its own
            String text = Files.readString(output);
            if (Boolean.getBoolean("dolium.vm.verbose")) {
                System.out.println(text);
            }
            return new Outcome(status, text);
        } finally {
            process.destroy(); // it takes the machine along
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
