// SPDX-License-Identifier: Apache-2.0
/// The launch plan: ordered system calls for a child to perform, printable, without branches. What a step *means* does
/// not belong here; each concern lowers itself to steps from its own package. Start at [org.dolium.plan.LaunchPlan].
package org.dolium.plan;
