// SPDX-License-Identifier: Apache-2.0
/// The `dolium` command line.
package org.dolium.examples.cli;
