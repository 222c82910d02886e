// SPDX-License-Identifier: Apache-2.0
/// The names and contents of OCI images. Start at [org.dolium.oci.image.Digest].
package org.dolium.oci.image;
