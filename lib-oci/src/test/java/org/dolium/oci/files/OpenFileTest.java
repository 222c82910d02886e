// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@Timeout(60)
class OpenFileTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private OpenFile file(OpenDirectory parent) throws IOException {
        Files.write(directory.resolve("f"), new byte[SIZE]);
        OpenFile file = parent.tryFile("f");
        assertThat(file).isNotNull();
        return file;
    }

    @Test
    void what_was_closed_is_not_read() throws IOException {
        try (OpenDirectory parent = OpenDirectory.open(directory);
                OpenFile file = file(parent)) {
            InputStream content = file.content();
            assertThat(content.readNBytes(10)).hasSize(10);
            content.close();
            assertThatThrownBy(content::read).isInstanceOf(IOException.class).hasMessageContaining("was closed");
            InputStream input = file.input();
            input.close();
            assertThatThrownBy(input::read).isInstanceOf(IOException.class).hasMessageContaining("was closed");
        }
    }

    /// As an upload is given up while the client reads what it sends.
    @Test
    void who_reads_while_it_is_closed_gets_an_error() throws Exception {
        int closed = 0;
        for (int i = 0; i < 200 || closed == 0 && i < 5000; i++) {
            try (OpenDirectory parent = OpenDirectory.open(directory)) {
                InputStream input = file(parent).input();
                CountDownLatch begun = new CountDownLatch(1);
                Throwable[] failure = new Throwable[1];
                Thread reader = Thread.ofPlatform().start(() -> {
                    try {
                        for (int read = input.read(new byte[4096]); read >= 0; read = input.read(new byte[4096])) {
                            begun.countDown();
                        }
                    } catch (Throwable e) {
                        failure[0] = e;
                    } finally {
                        begun.countDown();
                    }
                });
                begun.await();
                input.close();
                reader.join();
                closed += failure[0] == null ? 0 : 1;
                assertThat(failure[0]).satisfiesAnyOf(
                        e -> assertThat(e).isNull(), // it was at the end
                        e -> assertThat(e).isInstanceOf(IOException.class).hasMessageContaining("was closed"));
            }
        }
        assertThat(closed).isPositive();
    }
}
