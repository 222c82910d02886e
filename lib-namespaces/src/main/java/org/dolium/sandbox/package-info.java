// SPDX-License-Identifier: Apache-2.0
/// The order of everything that a container's child does. What each concern does is in its own package; this one only
/// puts their steps in order. Start at [org.dolium.sandbox.SandboxPlanner]; [org.dolium.sandbox.ExecPlanner] is
/// about further commands.
package org.dolium.sandbox;
