// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Manifest;

/// An image that is in a store with its layers unpacked.
///
/// @param root what the name stood for when it was asked: an image, or an index of images
/// @param descriptor the image
/// @param manifest its parts
/// @param config what it says about itself
public record PulledImage(Descriptor root, Descriptor descriptor, Manifest manifest, ImageConfig config) {}
