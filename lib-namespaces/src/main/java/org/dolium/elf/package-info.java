// SPDX-License-Identifier: Apache-2.0
/// Plan to ELF: turns a [org.dolium.plan.LaunchPlan] into the bytes of a tiny static executable that performs it. Pure.
/// What the steps mean does not belong here, nor does running the image. Start at [org.dolium.elf.ElfImage].
package org.dolium.elf;
