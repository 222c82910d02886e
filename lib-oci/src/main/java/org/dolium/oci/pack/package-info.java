// SPDX-License-Identifier: Apache-2.0
/// Trees of files written as layers: what a container changed, or all that a directory has. What an image is made of them does not
/// belong here. Start at [org.dolium.oci.pack.LayerPack].
package org.dolium.oci.pack;
