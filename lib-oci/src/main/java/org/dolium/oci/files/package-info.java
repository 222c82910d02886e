// SPDX-License-Identifier: Apache-2.0
/// Files in directories that are opened once: no link is followed to any of them, and they can be locked against other processes.
/// What the files mean does not belong here. Start at [org.dolium.oci.files.OpenDirectory].
package org.dolium.oci.files;
