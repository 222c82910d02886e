// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import java.util.List;
import org.dolium.seccomp.SeccompProfile;

/// What was read from a JSON profile.
///
/// @param profile the profile
/// @param unknownCalls names in it that are system calls of no architecture as far as Dolium knows: misspelt, or newer. They
///     have no effect. Names that only other processors or 32-bit programs have are not among them.
/// @param foreignArchitectures the architectures in it, such as `SCMP_ARCH_X86`, for which it has no effect: calls of
///     32-bit programs fail with `ENOSYS`
public record ParsedProfile(
        SeccompProfile profile, List<String> unknownCalls, List<String> foreignArchitectures) {
    public ParsedProfile {
        unknownCalls = List.copyOf(unknownCalls);
        foreignArchitectures = List.copyOf(foreignArchitectures);
    }
}
