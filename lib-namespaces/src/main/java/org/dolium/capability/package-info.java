// SPDX-License-Identifier: Apache-2.0
/// Capabilities and their sets; see capabilities(7). Start at [org.dolium.capability.CapabilitySets].
package org.dolium.capability;
