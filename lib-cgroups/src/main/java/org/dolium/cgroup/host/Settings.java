// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Setting;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;

/// Writes limits to the files of a group.
final class Settings {
    private Settings() {}

    /// Writes all; what fails is tried once more after the rest, because some values are only taken in a certain order,
    /// which depends on those before: memory and the sum of memory and swap, quota and burst.
    static void write(Cgroup group, List<Setting> settings, Limits wanted, List<Unenforceable> notInForce)
            throws IOException {
        List<Setting> again = new ArrayList<>(0);
        for (int i = 0; i < settings.size(); i++) {
            if (!tryWrite(group, settings.get(i))) {
                again.add(settings.get(i));
            }
        }
        for (int i = 0; i < again.size(); i++) {
            writeOrTell(group, again.get(i), wanted, notInForce);
        }
    }

    private static boolean tryWrite(Cgroup group, Setting setting) {
        try {
            write(group, setting);
            return true;
        } catch (ErrnoException e) {
            return false; // the second time tells
        }
    }

    private static void write(Cgroup group, Setting setting) throws ErrnoException {
        CgroupDirectory directory = group.directory(setting.controller());
        if (directory == null) {
            throw new ErrnoException("openat2(\"" + setting.file() + "\")", Errno.ENOENT);
        }
        directory.write(setting.file(), setting.value());
    }

    private static void writeOrTell(Cgroup group, Setting setting, Limits limits, List<Unenforceable> notInForce)
            throws IOException {
        try {
            write(group, setting);
        } catch (ErrnoException e) {
            Unenforceable why = Refusals.explain(Cgroup.wanted(limits, setting.limit()), setting, e);
            if (why.wanted().requirement() == Requirement.REQUIRED) {
                throw new UnsupportedHostException(why.sentence(), why.remedy(), e);
            }
            notInForce.add(why);
        }
    }
}
