// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

/// What was collected: nothing that was used any more.
///
/// @param blobs how many blobs
/// @param layers how many directories of layers
/// @param leftovers how many things that killed processes had begun
/// @param bytes how many bytes of the disk they took
/// @param inUse how many layers have no image any more and stay because somebody uses them
public record Collected(int blobs, int layers, int leftovers, long bytes, int inUse) {}
