// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/// Writes down how the tests of security rows went, and where: a file for each test class in the directory of the system
/// property `dolium.securityRows`, and out of all such files of the build `target/security-rows.md`.
///
/// JUnit finds it by the file in `META-INF/services`. Without the property, as in the JVM of another user whose results come
/// back as tests, it does nothing.
public final class SecurityRowListener implements TestExecutionListener {
    private final String directory = System.getProperty("dolium.securityRows", "");
    private final Map<String, List<String>> lines = new ConcurrentHashMap<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean good = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        if (test.isTest() || !good) {
            add(test, good ? "passed" : result.getStatus() == TestExecutionResult.Status.ABORTED ? "skipped" : "failed");
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        add(test, "skipped");
    }

    private void add(TestIdentifier test, String result) {
        if (directory.isEmpty() || !(test.getSource().orElse(null) instanceof MethodSource method)) {
            return;
        }
        SecurityRow.of(method.getMethodName(), test.getDisplayName()).ifPresent(row -> {
            boolean kernel = test.getTags().stream().anyMatch(tag -> tag.getName().equals("kernel"));
            String where = SecurityRow.environment(test.getDisplayName(), kernel);
            lines.computeIfAbsent(method.getClassName(), name -> new CopyOnWriteArrayList<>())
                    .add(row + "\t" + where + "\t" + result + "\t" + SecurityRow.isControl(method.getMethodName(), test.getDisplayName()));
        });
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        try {
            for (Map.Entry<String, List<String>> one : new TreeMap<>(lines).entrySet()) {
                Path file = Files.createDirectories(Path.of(directory)).resolve(one.getKey() + ".tsv");
                Files.write(file, one.getValue());
            }
            if (!lines.isEmpty()) {
                SecurityRowTable.write(Path.of(System.getProperty("project.root", "..")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
