// SPDX-License-Identifier: Apache-2.0
/// Images in registries, by the distribution specification: read, written, listed. Everything that a registry says is doubted.
/// Start at [org.dolium.oci.registry.RegistryClient].
package org.dolium.oci.registry;
