// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// A JVM that runs one container without further words.
public final class PlainContainerMain {
    private PlainContainerMain() {}

    public static void main(String[] args) throws Exception {
        System.out.print(ContainerBuilder.create().command("echo", "ran").run().stdout());
    }
}
