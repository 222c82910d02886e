// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

/// Everything that a measurement needs.
record Bench(
        Workspace workspace, Referee referee, Peers peers, Identity caller, Quiet quiet, Scale scale, Table table) {}
