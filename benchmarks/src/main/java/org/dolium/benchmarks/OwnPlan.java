// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Objects;
import org.dolium.container.ContainerSpec;
import org.dolium.kernel.HostProbe;
import org.dolium.launch.DirectIdMaps;
import org.dolium.launch.Program;
import org.dolium.plan.LaunchPlan;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// Takes the launch plan out of a container spec, which does not show it to applications. On the class path reflection
/// may do that.
final class OwnPlan {
    private OwnPlan() {}

    /// Writes the plan of `spec` for the referee.
    static void write(Path file, ContainerSpec spec) throws IOException {
        try {
            Field field = opened(ContainerSpec.class.getDeclaredField("blueprint"));
            Object blueprint = Objects.requireNonNull(field.get(spec));
            LaunchPlan plan = ((Program) Objects.requireNonNull(component(blueprint, "program"))).plan();
            SandboxSpec sandbox = (SandboxSpec) Objects.requireNonNull(component(blueprint, "spec"));
            DirectIdMaps maps = sandbox.uidMaps() == null ? null : (DirectIdMaps) component(blueprint, "idMaps");
            GroupFile.write(file.resolveSibling(file.getFileName() + ".cgroups"), Objects.requireNonNull(component(blueprint, "groupPlan")));
            PlanFile.write(file, plan, SandboxPlanner.cloneFlags(sandbox), maps, HostProbe.host().arch());
        } catch (ReflectiveOperationException e) {
            throw new IOException("the plan of a container spec is no longer where it was", e);
        }
    }

    static @Nullable Object component(Object blueprint, String name) throws ReflectiveOperationException {
        Method method = opened(blueprint.getClass().getDeclaredMethod(name));
        return method.invoke(blueprint);
    }

    private static <T extends AccessibleObject> T opened(T member) {
        member.setAccessible(true);
        return member;
    }
}
