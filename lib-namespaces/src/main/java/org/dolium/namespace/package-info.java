// SPDX-License-Identifier: Apache-2.0
/// Namespaces and id maps as values; see namespaces(7). Start at [org.dolium.namespace.Namespaces].
package org.dolium.namespace;
