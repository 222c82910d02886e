// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Setting;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.jspecify.annotations.Nullable;

/// Writes limits to the files of a group.
final class Settings {
    private Settings() {}

    /// Writes all; what fails is tried once more after the rest, because some values are only taken in a certain order,
    /// which depends on those before: memory and the sum of memory and swap, quota and burst.
    static void write(Cgroup group, List<Setting> settings, Limits limits, List<Unenforceable> notInForce)
            throws IOException {
        List<Setting> again = new ArrayList<>(0);
        for (int i = 0; i < settings.size(); i++) {
            if (tryWrite(group, settings.get(i)) != null) {
                again.add(settings.get(i));
            }
        }
        for (int i = 0; i < again.size(); i++) {
            ErrnoException failure = tryWrite(group, again.get(i));
            if (failure != null && !dispensable(again.get(i), failure, settings, again)) {
                tell(explain(group, again.get(i), failure, limits), failure, notInForce);
            }
        }
        for (int i = 0; group.isUnified() && i < settings.size(); i++) {
            checkEffect(group, settings.get(i), limits, notInForce);
        }
    }

    private static Unenforceable explain(Cgroup group, Setting setting, ErrnoException failure, Limits limits)
            throws ErrnoException {
        CgroupDirectory directory = group.directory(setting.controller());
        boolean there = directory != null && directory.hasFiles(setting.controller(), group.isUnified());
        return Refusals.explain(wanted(limits, setting.limit()), setting, failure, there);
    }

    private static @Nullable ErrnoException tryWrite(Cgroup group, Setting setting) {
        try {
            CgroupDirectory directory = group.directory(setting.controller());
            if (directory == null) {
                return new ErrnoException("openat2(\"" + setting.file() + "\")", Errno.ENOENT);
            }
            directory.write(setting.file(), setting.value());
            return null;
        } catch (ErrnoException e) {
            return e;
        }
    }

    /// Whether a file that is not there does not matter: there is no limit to take away, or another file serves.
    private static boolean dispensable(
            Setting setting, ErrnoException failure, List<Setting> settings, List<Setting> failed) {
        if (!failure.errno().equals(Errno.ENOENT)) {
            return false;
        }
        if (setting.value().equals("max") || setting.value().equals("-1")) {
            return true;
        }
        for (int i = 0; setting.ifThere() && i < settings.size(); i++) {
            if (settings.get(i).limit() == setting.limit() && !failed.contains(settings.get(i))) {
                return true;
            }
        }
        return false;
    }

    /// Cgroup v2 takes sets of processors and memory nodes of which there are none here, and then ignores them.
    private static void checkEffect(Cgroup group, Setting setting, Limits limits, List<Unenforceable> notInForce)
            throws IOException {
        CgroupDirectory directory = group.directory(setting.controller());
        String effective = directory == null ? null : EffectiveSet.otherThan(setting.limit(), directory);
        if (effective != null) {
            tell(new Unenforceable(wanted(limits, setting.limit()), "this cgroup has only " + effective, ""), null, notInForce);
        }
    }

    private static void tell(Unenforceable why, @Nullable ErrnoException failure, List<Unenforceable> notInForce)
            throws UnsupportedHostException {
        if (why.wanted().requirement() == Requirement.REQUIRED) {
            throw new UnsupportedHostException(why.sentence(), why.remedy(), failure);
        }
        notInForce.add(why);
    }

    private static Limits.Wanted wanted(Limits limits, Limit limit) {
        return new Limits.Wanted(limit, limits.requirement(limit));
    }
}
