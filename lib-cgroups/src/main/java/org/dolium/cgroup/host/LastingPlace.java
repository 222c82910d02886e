// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;

/// A choice in words, for another JVM: `unified PATH`, or `CONTROLLER PATH` for each controller of cgroup v1 and `beside PATH`.
final class LastingPlace {
    private static final String UNIFIED = "unified";
    private static final String BESIDE = "beside";

    private LastingPlace() {}

    static List<String> text(CgroupChoice choice) {
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
        return words;
    }

    static CgroupChoice parse(List<String> words) {
        List<CgroupChoice.Legacy.Base> bases = new ArrayList<>();
        String beside = "";
        for (int i = 0; i < words.size(); i++) {
            int space = words.get(i).indexOf(' ');
            String kind = words.get(i).substring(0, Math.max(0, space));
            String path = new CgroupPlacement.Below(words.get(i).substring(space + 1)).path();
            if (kind.equals(UNIFIED) && words.size() == 1) {
                return new CgroupChoice.Unified(path, List.of(), false);
            }
            if (kind.equals(BESIDE)) {
                beside = path;
            } else {
                bases.add(new CgroupChoice.Legacy.Base(Controller.valueOf(kind), path));
            }
        }
        return bases.isEmpty()
                ? new CgroupChoice.Nothing("the container has no cgroup of its own", "")
                : new CgroupChoice.Legacy(bases, beside);
    }
}
