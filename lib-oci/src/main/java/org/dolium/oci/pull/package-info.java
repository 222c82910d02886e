// SPDX-License-Identifier: Apache-2.0
/// An image from a registry, layout or archive into a store, with its layers unpacked: downloads, hashes, decompression and files
/// overlap, and layers do. How these are done one by one does not belong here. Start at [org.dolium.oci.pull.ImagePull].
package org.dolium.oci.pull;
