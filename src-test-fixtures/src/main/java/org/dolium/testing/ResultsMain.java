// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// The other side of [Results]: runs test classes and writes a line for each result.
final class ResultsMain {
    private ResultsMain() {}

    public static void main(String[] args) throws IOException {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("jqwik.database", ""); // the one of the build belongs to somebody else
        for (int i = 1; i < args.length; i++) {
            request.selectors(DiscoverySelectors.selectClass(args[i]));
        }
        StallWatch.start();
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[0]), StandardCharsets.UTF_8))) {
            LauncherDiscoveryRequest built = request.build();
            Launcher launcher = LauncherFactory.create();
            launcher.execute(built, new Lines(out, new ConcurrentHashMap<>()));
            out.println("done");
        }
        System.exit(0);
    }

    private static final String UNPRINTABLE = "[\\p{Cc}\\p{Cs}]";

    private record Lines(PrintWriter out, Map<String, Long> starts) implements TestExecutionListener {
        @Override
        public void executionStarted(TestIdentifier test) {
            starts.put(test.getUniqueId(), System.nanoTime());
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            StallWatch.progress();
            boolean failedContainer = test.isContainer() && result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
            if (test.isTest() || failedContainer) {
                long nanos = System.nanoTime() - starts.getOrDefault(test.getUniqueId(), System.nanoTime());
                System.out.println(test.getLegacyReportingName() + ": " + nanos / 1_000_000 + " ms");
                line(result.getStatus().name(), test, result.getThrowable().map(Lines::text).orElse("-"));
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            line("SKIPPED", test, reason);
        }

        private void line(String status, TestIdentifier test, String text) {
            String name = test.getLegacyReportingName() + " " + test.getDisplayName();
            out.println(status + "\t" + name.replaceAll(UNPRINTABLE, "?") + "\t"
                    + text.replace('\t', ' ').replace('\n', '\f').replaceAll("[^\f\\P{Cc}]|\\p{Cs}", "?"));
            out.flush();
        }

        private static String text(Throwable failure) {
            StringWriter text = new StringWriter();
            failure.printStackTrace(new PrintWriter(text, true));
            return text.toString().replace("\r", "");
        }
    }
}
