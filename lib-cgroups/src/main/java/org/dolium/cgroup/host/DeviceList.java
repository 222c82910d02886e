// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.device.AttachedProgram;
import org.dolium.cgroup.device.LegacyDevices;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.jspecify.annotations.Nullable;

/// The list of allowed devices of a group: in cgroup v1 where that has the controller, else a program of cgroup v2.
final class DeviceList implements AutoCloseable {
    private @Nullable AttachedProgram program;

    void apply(Cgroup group, Limits wanted, List<Unenforceable> notInForce) throws UnsupportedHostException {
        Limit.Devices limit = wanted.find(Limit.Devices.class);
        if (limit == null) {
            return;
        }
        try {
            apply(group, limit.allowed());
        } catch (ErrnoException e) {
            Unenforceable why = explain(new Limits.Wanted(limit, wanted.requirement(limit)), e);
            if (why.wanted().requirement() == Requirement.REQUIRED) {
                throw new UnsupportedHostException(why.sentence(), why.remedy(), e);
            }
            notInForce.add(why);
        }
    }

    private void apply(Cgroup group, List<DeviceRule> allowed) throws ErrnoException {
        CgroupDirectory legacy = group.isUnified() ? null : group.directory(Controller.DEVICES);
        CgroupDirectory unified = group.unified();
        if (legacy != null) {
            LegacyDevices.apply(legacy, allowed);
        } else if (unified == null) {
            throw new ErrnoException("openat2(\"devices.deny\")", Errno.ENOENT);
        } else if (program == null) {
            program = AttachedProgram.attach(unified.fd(), allowed);
        } else {
            program.replace(unified.fd(), allowed);
        }
    }

    private static Unenforceable explain(Limits.Wanted wanted, ErrnoException failure) {
        return new Unenforceable(wanted, String.valueOf(failure.getMessage()), "");
    }

    @Override
    public void close() {
        if (program != null) {
            program.close();
        }
    }
}
