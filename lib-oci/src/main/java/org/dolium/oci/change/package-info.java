// SPDX-License-Identifier: Apache-2.0
/// Images made of others and of trees: commits, imports, archives that are loaded, and how images are described. Start at
/// [org.dolium.oci.change.ImageCommit].
package org.dolium.oci.change;
