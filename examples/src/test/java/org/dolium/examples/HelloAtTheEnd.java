// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

/// Starts its first container when the JVM is ending already.
final class HelloAtTheEnd {
    private HelloAtTheEnd() {}

    public static void main(String[] args) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                Hello.main(args);
            } catch (Exception e) {
                e.printStackTrace();
            }
        }));
        System.exit(3);
    }
}
