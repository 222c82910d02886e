// SPDX-License-Identifier: Apache-2.0
/// What confines a running process, read back from the kernel. What was asked for does not belong here: nothing in this
/// package knows it. Start at [org.dolium.security.SecurityReport].
package org.dolium.security;
