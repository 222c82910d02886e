// SPDX-License-Identifier: Apache-2.0
/// The test kit: leak checks, kernel gates, tiny root file systems.
package org.dolium.testing;
