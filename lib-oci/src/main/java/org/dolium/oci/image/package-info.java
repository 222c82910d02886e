// SPDX-License-Identifier: Apache-2.0
/// The names and contents of images: references, platforms, manifests, configurations. Values only; where they come from does not
/// belong here. Start at [org.dolium.oci.image.ImageReference] and [org.dolium.oci.image.ImageDocument].
package org.dolium.oci.image;
