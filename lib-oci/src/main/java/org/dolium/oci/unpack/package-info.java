// SPDX-License-Identifier: Apache-2.0
/// Layers of images: read as bytes that anyone may have written, and written as a tree of files. Where layers come from and where
/// their trees are kept does not belong here. Start at [org.dolium.oci.unpack.LayerReader], which has no effects, and at
/// [org.dolium.oci.unpack.LayerUnpack].
package org.dolium.oci.unpack;
