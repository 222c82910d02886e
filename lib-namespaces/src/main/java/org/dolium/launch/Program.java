// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dolium.elf.ElfImage;
import org.dolium.kernel.Kernel;
import org.dolium.plan.LaunchPlan;

/// A plan compiled for this machine, for any number of launches.
public final class Program {
    private final LaunchPlan plan;
    private final MemorySegment image;

    private Program(LaunchPlan plan, MemorySegment image) {
        this.plan = plan;
        this.image = image;
    }

    public static Program compile(LaunchPlan plan) {
        byte[] bytes = ElfImage.compile(plan, Kernel.ARCH);
        return new Program(plan, Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }

    public LaunchPlan plan() {
        return plan;
    }

    MemorySegment image() {
        return image;
    }
}
