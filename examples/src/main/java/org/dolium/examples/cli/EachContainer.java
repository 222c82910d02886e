// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// What a verb does with several containers: with all at once, and one that fails keeps no other from it.
final class EachContainer {
    /// What is done with one of them.
    interface Action {
        /// @param wanted what the user called it
        /// @return what is printed, or null for nothing
        @Nullable String on(DetachedContainer container, String wanted) throws IOException, InterruptedException;
    }

    private EachContainer() {}

    /// @return the exit status: 1 if one failed
    static int run(CommandSpec spec, Containers containers, List<String> wanted, Action action) throws InterruptedException {
        int status = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<@Nullable String>> results = new ArrayList<>();
            for (String one : wanted) {
                results.add(threads.submit(() -> result(containers, one, action)));
            }
            for (Future<@Nullable String> result : results) {
                status |= print(spec, result);
            }
        }
        return status;
    }

    private static @Nullable String result(Containers containers, String one, Action action) throws IOException, InterruptedException {
        try {
            return action.on(Found.find(containers, one), one);
        } catch (IllegalStateException e) {
            throw new IOException(one + ": " + e.getMessage(), e);
        }
    }

    private static int print(CommandSpec spec, Future<@Nullable String> result) throws InterruptedException {
        try {
            String line = result.get();
            if (line != null) {
                spec.commandLine().getOut().println(line);
                spec.commandLine().getOut().flush();
            }
            return 0;
        } catch (ExecutionException e) {
            Main.report(spec.commandLine(), e.getCause() instanceof Exception failure ? failure : e);
            return 1;
        }
    }
}
