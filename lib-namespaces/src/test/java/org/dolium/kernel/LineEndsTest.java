// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIndexOutOfBoundsException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.dolium.elf.Tools;
import org.dolium.linux.Arch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineEndsTest {
    private static final int MOST = 4096;
    private static final byte GUARD = 0x55;

    /// More or fewer newlines, and other characters than ASCII or none; always all values of a byte near those that matter.
    private static byte[] piece(Random random) {
        byte[] piece = new byte[1 + random.nextInt(MOST)];
        int rare = 1 << random.nextInt(10);
        boolean ascii = random.nextBoolean();
        for (int i = 0; i < piece.length; i++) {
            int any = random.nextInt(rare) == 0 ? '\n' : random.nextInt(8) == 0 ? '\n' - 1 + 2 * random.nextInt(2) : random.nextInt(128);
            piece[i] = (byte) (!ascii && random.nextInt(500) == 0 ? any | 0x80 : any);
        }
        return piece;
    }

    private static boolean isAscii(byte[] piece) {
        for (byte b : piece) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void every_newline_is_found_and_nothing_else() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = piece(random);
            try (Arena arena = Arena.ofConfined()) {
                Memory memory = Memory.allocate(arena, LineEnds.room(MOST) + MOST);
                memory.put(0, bytes, 0, bytes.length);
                for (int i = bytes.length; i < MOST; i++) {
                    memory.put(i, new byte[] {'\n'}, 0, 1);
                }
                for (int i = LineEnds.room(MOST); i < memory.size(); i++) {
                    memory.put(i, new byte[] {GUARD}, 0, 1);
                }
                LineEnds ends = new LineEnds();
                ends.find(memory, bytes.length, MOST);
                assertThat(ends.known()).isTrue();
                for (int i = 0; i < (bytes.length + 63) / 64 * 64; i++) {
                    boolean newline = i < bytes.length && bytes[i] == '\n';
                    assertThat(ends.newlines(i / 64) >>> i & 1).as("byte %d of %d, seed %d", i, bytes.length, seed).isEqualTo(newline ? 1 : 0);
                }
                assertThat(ends.ascii()).as("seed %d", seed).isEqualTo(isAscii(bytes));
                if (bytes.length % 64 != 0) {
                    memory.put(bytes.length, new byte[] {-1}, 0, 1);
                    ends.find(memory, bytes.length, MOST);
                    assertThat(ends.ascii()).as("what was there before counts as well").isFalse();
                }
                assertThat(memory.head(bytes.length)).isEqualTo(bytes);
                for (int i = LineEnds.room(MOST); i < memory.size(); i++) {
                    assertThat(memory.getByte(i)).as("behind its room, seed %d", seed).isEqualTo(GUARD);
                }
                ends.forget();
                assertThat(ends.known()).isFalse();
            }
        }
    }

    /// In a program of its own, so that it can be run by an emulator too.
    @Test
    void the_routine_of_aarch64_finds_the_same(@TempDir Path directory) throws IOException {
        byte[] code = MachineCode.bytes(Arch.AARCH64);
        Files.write(directory.resolve("lines"), Arrays.copyOfRange(code, MachineCode.linesOffset(Arch.AARCH64), code.length));
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            byte[] bytes = piece(random);
            int words = (bytes.length + 63) / 64;
            Files.write(directory.resolve("piece"), bytes);
            byte[] program = Tools.assemble(directory, """
                    .equ words, %d
                    .global _start
                    _start:
                        ldr x0, =piece
                        ldr x1, =found
                        mov x2, #words
                        bl lines
                        ldr x1, =found
                        str x0, [x1, #8 * words]
                        mov x0, #1
                        mov x2, #8 * words + 8
                        mov x8, #64 // write
                        svc #0
                        mov x0, #0
                        mov x8, #93 // exit
                        svc #0
                    lines:
                        .incbin "lines"
                    .data
                    piece:
                        .incbin "piece"
                        .balign 64
                    found:
                        .space 8 * words + 8
                    """.formatted(words));
            Tools.Outcome outcome = Tools.run(program, Arch.AARCH64);
            assertThat(outcome.status()).isZero();
            ByteBuffer found = ByteBuffer.wrap(outcome.output()).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(found.limit()).isEqualTo(8 * words + 8);
            for (int i = 0; i < 64 * words; i++) {
                boolean newline = i < bytes.length && bytes[i] == '\n';
                assertThat(found.getLong(i / 64 * 8) >>> i & 1).as("byte %d, seed %d", i, seed).isEqualTo(newline ? 1 : 0);
            }
            assertThat(found.getLong(8 * words) == 0).as("seed %d", seed).isEqualTo(isAscii(bytes));
        }
    }

    @Test
    void nothing_is_looked_at_beyond_what_there_is() {
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = Memory.allocate(arena, LineEnds.room(128));
            LineEnds ends = new LineEnds();
            assertThatIndexOutOfBoundsException().isThrownBy(() -> ends.find(memory, 129, 128));
            assertThatIndexOutOfBoundsException().isThrownBy(() -> ends.find(memory, -1, 128));
            assertThatIndexOutOfBoundsException().isThrownBy(() -> ends.find(memory, 1, 192));
            assertThatIndexOutOfBoundsException().isThrownBy(() -> ends.find(memory, 1, 100));
            assertThat(ends.known()).isFalse();
            ends.find(memory, 0, 128);
            assertThat(ends.known()).isTrue();
        }
    }
}
