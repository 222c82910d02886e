// SPDX-License-Identifier: Apache-2.0
/// Compares Dolium with the limit (a C program that makes the same system calls) and with its peers, interleaved in one
/// run, and prints tables. What is measured lives in the libraries; tests do not belong here, and nothing here is a timed
/// test. Start at [org.dolium.benchmarks.Benchmarks].
package org.dolium.benchmarks;
