// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.linux.Errno;

/// What a test of a program that stores things does with a disk that fails and a disk that is slow: no disk is harmed. The
/// program here is a journal in shell, which must only call a record stored if fsync(2) said so.
public final class FlakyDisk {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String JOURNAL = """
            for record in $(seq 30); do
                if echo $record | dd of=/tmp/journal oflag=append conv=notrunc,fsync 2>/dev/null
                then echo $record stored
                else echo $record lost
                fi
            done
            """;

    private FlakyDisk() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Result result = journal();
        result.stdout().lines().filter(line -> line.endsWith(" lost")).forEach(System.out::println);
        System.out.println(openedForWriting());
    }

    static Result journal() throws IOException, InterruptedException {
        // README:start faults
        return ContainerBuilder.create()
                .command("sh", "-c", JOURNAL)
                .failSyscall("fsync", Errno.EIO).where(call -> call.file(0).equals("/tmp/journal")).every(10)
                .delaySyscall("fsync", Duration.ofMillis(20)).after(25) // and in the end the disk gets slow
                .run(LIMIT);
        // README:end
    }

    static List<String> openedForWriting() throws IOException, InterruptedException {
        // README:start handler
        List<String> opened = new ArrayList<>();
        ContainerBuilder.create()
                .command("sh", "-c", "echo one > /tmp/x; echo two >> /tmp/y; cat /tmp/x /tmp/y")
                .onSyscall("openat", call -> {
                    if ((call.intArgument(2) & 3) != 0) { // O_WRONLY, O_RDWR
                        opened.add(call.string(1));
                    }
                    return call.proceed(); // or fail(Errno.ENOSPC), or give(a result)
                })
                .run(LIMIT);
        return opened;
        // README:end
    }
}
