// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

/// A JVM that does nothing.
final class EmptyMain {
    private EmptyMain() {}

    public static void main(String[] args) {
        // to measure what a JVM costs by itself
    }
}
