// SPDX-License-Identifier: Apache-2.0
/// Root file systems and mounts: each lowers itself to calls of the new mount API, with every target resolved inside the
/// root and attributes set before a tree is attached. Start at [org.dolium.mount.Mount].
package org.dolium.mount;
