// SPDX-License-Identifier: Apache-2.0
/// Images in directories and archives: the layout of the OCI specification, and the archives of `docker save`. Start at
/// [org.dolium.oci.layout.OciLayout] and [org.dolium.oci.layout.DockerArchive].
package org.dolium.oci.layout;
