// SPDX-License-Identifier: Apache-2.0
/// What confines a process besides its namespaces and credentials: keyrings, kernel parameters, labels of security modules,
/// Landlock. System call filters have a package of their own. Start at [org.dolium.confinement.Confinement].
package org.dolium.confinement;
