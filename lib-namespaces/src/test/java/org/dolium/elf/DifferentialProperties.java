// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.plan.LaunchPlan;

/// A harmless plan has one meaning: performed by the JVM and by the compiled program, it ends at the same step with the
/// same errno and leaves the same files. For the other architecture than this machine's, QEMU runs the program.
class DifferentialProperties {
    private static final int STATUS = 1;

    /// What a plan did.
    record Effect(List<String> reports, List<String> files) {}

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void the_program_does_what_the_jvm_does(@ForAll long seed) throws IOException {
        compare(seed, Kernel.ARCH);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void a_program_for_the_other_architecture_too(@ForAll long seed) throws IOException {
        compare(seed, Kernel.ARCH == Arch.X86_64 ? Arch.AARCH64 : Arch.X86_64);
    }

    /// The random plans must differ in how they end and in what they leave, or they would prove little.
    @Example
    void random_plans_end_in_every_way() throws IOException {
        int completed = 0;
        int files = 0;
        int noted = 0;
        for (long seed = 0; seed < 100; seed++) {
            Effect effect = performed(seed);
            completed += effect.reports.isEmpty() || effect.reports.getLast().startsWith("(") ? 1 : 0;
            noted += effect.reports.stream().anyMatch(report -> report.startsWith("(")) ? 1 : 0;
            files += effect.files.size() > 2 ? 1 : 0;
        }
        assertThat(completed).isBetween(20, 80);
        assertThat(noted).isGreaterThan(20);
        assertThat(files).isGreaterThan(30);
    }

    private static void compare(long seed, Arch arch) throws IOException {
        assertThat(compiled(seed, arch)).as("%s", TreePlan.of(seed, "/", STATUS, arch)).isEqualTo(performed(seed));
    }

    private static Effect performed(long seed) throws IOException {
        return in(directory -> {
            long umask = Kernel.call(Sys.UMASK, 022);
            Kernel.call(Sys.UMASK, umask);
            try {
                return Performed.reports(TreePlan.of(seed, directory.toString(), STATUS, Kernel.ARCH));
            } finally {
                Kernel.call(Sys.UMASK, umask);
            }
        });
    }

    private static Effect compiled(long seed, Arch arch) throws IOException {
        return in(directory -> {
            LaunchPlan plan = TreePlan.of(seed, directory.toString(), STATUS, arch);
            Tools.Outcome outcome = Tools.run(ElfImage.compile(plan, arch), arch);
            List<String> reports = reports(outcome.output());
            boolean failed = !reports.isEmpty() && !reports.getLast().startsWith("(");
            assertThat(outcome.status()).isEqualTo(failed ? 127 : 0);
            return reports;
        });
    }

    private static List<String> reports(byte[] output) {
        List<String> reports = new ArrayList<>();
        ByteBuffer words = ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            int step = words.getInt();
            String text = (step & 0x7fffffff) + " " + new Errno(words.getInt());
            reports.add(step < 0 ? "(" + text + ")" : text);
        }
        return reports;
    }

    private interface Run {
        List<String> in(Path directory) throws IOException;
    }

    private static Effect in(Run run) throws IOException {
        Path directory = Files.createTempDirectory("differential-");
        try {
            List<String> reports = run.in(directory);
            return new Effect(reports, tree(directory));
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<String> tree(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted().toList()) {
                String content = Files.isSymbolicLink(file)
                        ? "-> " + Files.readSymbolicLink(file)
                        : Files.isDirectory(file) ? "/" : HexFormat.of().formatHex(Files.readAllBytes(file));
                int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                lines.add(directory.relativize(file) + " " + Integer.toOctalString(mode) + " " + content);
            }
        }
        return lines;
    }
}
