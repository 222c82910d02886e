// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.ArrayList;
import java.util.List;

/// A flaw of the kernel that let programs out of containers, and the versions that have it.
///
/// @param id its number and name
/// @param what what it allows
/// @param since the first version that had it
/// @param fixed the first version without it of each series that was mended, in order; other series have the flaw until the last
///     version of the list
record KernelFlaw(String id, String what, String since, List<String> fixed) {
    private static final List<KernelFlaw> KNOWN = List.of(
            new KernelFlaw(
                    "CVE-2022-0847 (Dirty Pipe)", "files that may only be read are overwritten in the page cache", "5.8",
                    List.of("5.10.102", "5.15.25", "5.16.11", "5.17")),
            new KernelFlaw(
                    "CVE-2026-31431 (Copy Fail)", "the same, through sockets of AF_ALG, which containers have not by default",
                    "4.14",
                    List.of("5.10.254", "5.15.204", "6.1.170", "6.6.137", "6.12.85", "6.18.22", "6.19.12", "7.0")),
            new KernelFlaw(
                    "CVE-2026-46333", "a process that ends is robbed of its descriptors by its user's other processes", "4.10",
                    List.of("5.10.256", "5.15.207", "6.1.173", "6.6.139", "6.12.89", "6.18.31", "7.0.8", "7.1")));

    /// Those that a kernel of this release has, unless its distribution has mended them. A release candidate counts as its release.
    static List<KernelFlaw> of(String release) {
        int[] version = numbers(release);
        List<KernelFlaw> found = new ArrayList<>();
        for (KernelFlaw flaw : KNOWN) {
            if (flaw.isIn(version)) {
                found.add(flaw);
            }
        }
        return found;
    }

    private boolean isIn(int[] version) {
        if (compare(version, numbers(since)) < 0) {
            return false;
        }
        int[] newest = {0, 0, 0};
        for (String text : fixed) {
            newest = numbers(text);
            if (newest[0] == version[0] && newest[1] == version[1]) {
                return version[2] < newest[2];
            }
        }
        return compare(version, newest) < 0;
    }

    private static int compare(int[] a, int[] b) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] != b[i]) {
                return Integer.compare(a[i], b[i]);
            }
        }
        return 0;
    }

    /// The three numbers that `6.12.48+deb13-amd64` begins with; what is missing is 0.
    private static int[] numbers(String release) {
        int[] numbers = new int[3];
        int part = 0;
        for (int i = 0; i < release.length(); i++) {
            char c = release.charAt(i);
            if (c == '.' && part < 2) {
                part++;
            } else if (c >= '0' && c <= '9' && numbers[part] < 1_000_000) {
                numbers[part] = numbers[part] * 10 + c - '0';
            } else {
                break;
            }
        }
        return numbers;
    }
}
