// SPDX-License-Identifier: Apache-2.0
/// The state directory of detached containers: who may own it, how its files are read and written, and what is in them. What a container
/// is does not belong here. Start at [org.dolium.state.StateDirectory].
package org.dolium.state;
