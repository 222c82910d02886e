// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// The text of what mounts lower to. Step 0 stands for whatever made the root.
final class Lowered {
    private Lowered() {}

    static String mount(Mount mount) {
        return in(mount::lower);
    }

    static String in(Consumer<MountContext> steps) {
        return below((plan, root) -> steps.accept(new MountContext(plan, root, Arch.X86_64)));
    }

    static String below(BiConsumer<PlanBuilder, Arg.Result> steps) {
        PlanBuilder plan = new PlanBuilder();
        steps.accept(plan, plan.add(Sys.GETPID));
        String text = plan.build(3).toString();
        return text.substring(text.indexOf('\n') + 1);
    }

    static String root(Root root) {
        return root(root, Propagation.PRIVATE);
    }

    static String root(Root root, Propagation propagation) {
        PlanBuilder plan = new PlanBuilder();
        Arg.Result tree = root.lower(plan, propagation);
        return plan.build(3) + "root is " + tree + "\n";
    }
}
