// SPDX-License-Identifier: Apache-2.0
/// Where images are read and written, and how they get from one place to another: verified on the way. The places themselves do
/// not belong here. Start at [org.dolium.oci.blob.ImageCopy].
package org.dolium.oci.blob;
