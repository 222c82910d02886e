// SPDX-License-Identifier: Apache-2.0
/// Seccomp profiles as JSON: Docker's format and that of the OCI runtime specification, in and out. What a profile means and
/// how it is compiled does not belong here. Start at [org.dolium.oci.seccomp.SeccompJson].
package org.dolium.oci.seccomp;
