// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import org.dolium.testing.Refusal;

/// A program for special situations: makes its situation worse if told so, and prints the report on it.
public final class Examination {
    private Examination() {}

    public static void main(String[] steps) throws Exception {
        for (String each : steps) {
            String[] step = each.split("=", 2);
            switch (step[0]) {
                case "doctor" -> print();
                case "clone3-fails-with" -> Refusal.ofClone3(Integer.parseInt(step[1]));
                case "processes-at-most" -> Refusal.ofMoreProcesses(Long.parseLong(step[1]));
                default -> throw new IllegalArgumentException(each);
            }
        }
    }

    /// The report, and whether containers run.
    static void print() throws InterruptedException {
        Host host = Host.probe();
        System.out.print(host.report());
        System.out.println("can run: " + host.canRun());
    }
}
