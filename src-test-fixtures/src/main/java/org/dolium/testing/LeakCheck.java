// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves something behind: a child process, a descriptor, a mount, a cgroup, a temporary file or a
/// thread. Use it with `@ExtendWith(LeakCheck.class)` on every class that launches something.
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheck.class);
    private static final Duration PATIENCE = Slow.seconds(20);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("before", Residue.now());
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        Residue before = context.getStore(NAMESPACE).get("before", Residue.class);
        String left = Residue.now().minus(before);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            System.gc(); // a compiled program's file is closed when nothing refers to the program any more
            Thread.sleep(50);
            left = Residue.now().minus(before);
        }
        if (!left.isEmpty()) {
            throw new AssertionError("the test left behind:\n" + left);
        }
    }
}
