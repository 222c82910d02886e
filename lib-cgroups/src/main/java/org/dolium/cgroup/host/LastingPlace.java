// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;

/// A choice in words, for another JVM: `unified PATH`, or `CONTROLLER PATH` for each controller of cgroup v1 and `beside PATH`; then
/// `scope PATH` with the path in the hierarchy, if systemd made a scope for it.
final class LastingPlace {
    private static final String UNIFIED = "unified";
    private static final String BESIDE = "beside";
    private static final String SCOPE = "scope";

    private LastingPlace() {}

    /// @param scope the path of the scope, or empty
    static List<String> text(CgroupChoice choice, String scope) {
        List<String> words = new ArrayList<>();
        if (choice instanceof CgroupChoice.Unified unified) {
            words.add(UNIFIED + " " + unified.base());
        } else if (choice instanceof CgroupChoice.Legacy legacy) {
            for (int i = 0; i < legacy.bases().size(); i++) {
                words.add(legacy.bases().get(i).controller().name() + " " + legacy.bases().get(i).path());
            }
            if (!legacy.unifiedBase().isEmpty()) {
                words.add(BESIDE + " " + legacy.unifiedBase());
            }
        }
        if (!scope.isEmpty()) {
            words.add(SCOPE + " " + scope);
        }
        return words;
    }

    /// The path of the scope, or empty if there is none.
    static String scope(List<String> words) {
        String last = words.isEmpty() ? "" : words.getLast();
        return last.startsWith(SCOPE + " ") ? last.substring(SCOPE.length() + 1) : "";
    }

    static CgroupChoice parse(List<String> words) {
        List<CgroupChoice.Legacy.Base> bases = new ArrayList<>();
        String unified = "";
        String beside = "";
        for (int i = 0; i < words.size(); i++) {
            int space = words.get(i).indexOf(' ');
            String kind = words.get(i).substring(0, Math.max(0, space));
            String path = new CgroupPlacement.Below(words.get(i).substring(space + 1)).path();
            if (kind.equals(UNIFIED) && i == 0) {
                unified = path;
            } else if (kind.equals(BESIDE)) {
                beside = path;
            } else if (!kind.equals(SCOPE) || i == 0 || i < words.size() - 1) {
                bases.add(new CgroupChoice.Legacy.Base(Controller.valueOf(kind), path));
            }
        }
        if (!unified.isEmpty()) {
            if (!bases.isEmpty() || !beside.isEmpty()) {
                throw new IllegalArgumentException("a group of cgroup v2 is in no other hierarchy: " + words);
            }
            return new CgroupChoice.Unified(unified, List.of(), false);
        }
        return bases.isEmpty()
                ? new CgroupChoice.Nothing("the container has no cgroup of its own", "")
                : new CgroupChoice.Legacy(bases, beside);
    }
}
