// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.linux.Arch;
import org.junit.jupiter.api.Assumptions;

/// Runs images and binutils. A tool that is missing skips the test, or fails it under `-Ddolium.mustRun=true`.
public final class Tools {
    /// A system call's number goes to its register.
    private static final Pattern NUMBER = Pattern.compile("mov (?:\\$0x([0-9a-f]+),%eax|x8, #0x([0-9a-f]+))");

    /// What a process left.
    public record Outcome(int status, byte[] output) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }
    }

    private Tools() {}

    /// Runs `image` with nothing in its environment; its standard output is the output.
    public static Outcome run(byte[] image, Arch arch) throws IOException {
        List<String> prefix = new ArrayList<>();
        if (Arch.parse(System.getProperty("os.arch")) != arch) {
            prefix.add(require(arch == Arch.X86_64 ? "qemu-x86_64-static" : "qemu-aarch64-static"));
        }
        return withFile(image, prefix, List.of());
    }

    /// An AArch64 program of what the GNU assembler understands; `.incbin` finds the files of `directory`.
    public static byte[] assemble(Path directory, String source) throws IOException {
        boolean own = Arch.parse(System.getProperty("os.arch")) == Arch.AARCH64;
        Path object = directory.resolve("object");
        Path program = directory.resolve("program");
        Path text = Files.writeString(directory.resolve("source"), source);
        for (List<String> command : List.of(
                List.of(require(own ? "as" : "aarch64-linux-gnu-as"), "-I", directory.toString(), "-o", object.toString(), text.toString()),
                List.of(require(own ? "ld" : "aarch64-linux-gnu-ld"), "-o", program.toString(), object.toString()))) {
            Outcome outcome = execute(command);
            if (outcome.status() != 0) {
                throw new AssertionError(command + " failed");
            }
        }
        return Files.readAllBytes(program);
    }

    /// One instruction of a disassembly.
    ///
    /// @param text mnemonic and operands, without the disassembler's remarks
    public record Instruction(int address, String text) {
        @Override
        public String toString() {
            return Integer.toHexString(address) + ": " + text;
        }
    }

    /// The lines of a disassembly of `code`: mnemonic and operands, one instruction each.
    static List<String> disassemble(byte[] code, Arch arch) throws IOException {
        return instructions(code, arch).stream().map(Instruction::text).toList();
    }

    public static List<Instruction> instructions(byte[] code, Arch arch) throws IOException {
        boolean x86 = arch == Arch.X86_64;
        boolean own = Arch.parse(System.getProperty("os.arch")) == arch;
        String tool = require(own ? "objdump" : x86 ? "x86_64-linux-gnu-objdump" : "aarch64-linux-gnu-objdump");
        List<String> prefix = List.of(tool, "-D", "-w", "--no-show-raw-insn", "-b", "binary",
                "-m", x86 ? "i386:x86-64" : "aarch64", "-z");
        List<Instruction> lines = new ArrayList<>();
        for (String line : withFile(code, prefix, List.of()).text().split("\n")) {
            if (line.matches("\\s+[0-9a-f]+:\t.*")) {
                int address = Integer.parseInt(line.substring(0, line.indexOf(':')).strip(), 16);
                String text = line.substring(line.indexOf('\t') + 1).replaceAll("//.*", "");
                lines.add(new Instruction(address, text.replaceAll("\\s+", " ").strip()));
            }
        }
        return lines;
    }

    /// The numbers of the system calls that the code makes, in its order.
    static List<Integer> callNumbers(List<Instruction> code) {
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        for (Instruction instruction : code) {
            Matcher matcher = NUMBER.matcher(instruction.text());
            if (matcher.matches()) {
                number = Integer.parseInt(matcher.group(matcher.group(1) != null ? 1 : 2), 16);
            } else if (instruction.text().equals("xor %eax,%eax")) {
                number = 0;
            } else if (instruction.text().equals("syscall") || instruction.text().startsWith("svc ")) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    private static Outcome withFile(byte[] content, List<String> prefix, List<String> suffix) throws IOException {
        Path file = Files.createTempFile("dolium-elf", ".image",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.write(file, content);
            List<String> command = new ArrayList<>(prefix);
            command.add(file.toString());
            command.addAll(suffix);
            return execute(command);
        } finally {
            Files.delete(file);
        }
    }

    private static Outcome execute(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        Process process = start(builder);
        try (InputStream output = process.getInputStream()) {
            process.getOutputStream().close();
            byte[] bytes = output.readAllBytes();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " did not end");
            }
            return new Outcome(process.exitValue(), bytes);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
    }

    /// Starts an image that was just written. A fork elsewhere in this JVM may still hold the writing descriptor for a
    /// moment, so "text file busy" is worth another try.
    private static Process start(ProcessBuilder builder) throws IOException {
        for (int attempt = 0; ; attempt++) {
            try {
                return builder.start();
            } catch (IOException e) {
                if (attempt == 50 || !String.valueOf(e.getMessage()).contains("error=26")) {
                    throw e;
                }
            }
        }
    }

    private static String require(String tool) {
        for (String folder : new String[] {"/usr/bin/", "/usr/local/bin/", "/bin/"}) {
            if (Files.isExecutable(Path.of(folder + tool))) {
                return folder + tool;
            }
        }
        if (Boolean.getBoolean("dolium.mustRun")) {
            throw new AssertionError(tool + " is not installed");
        }
        return Assumptions.<String>abort(tool + " is not installed");
    }
}
