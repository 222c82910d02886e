// SPDX-License-Identifier: Apache-2.0
/// Benchmarks that anyone can run.
package org.dolium.benchmarks;
