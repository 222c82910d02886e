// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.sessions.JqwikSession;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;
import org.dolium.cgroup.device.Requests.Request;

/// Nodes for which no driver exists: to open one is harmless, and fails with another error than to be denied.
record DeviceNodes(Path directory) {
    /// Asks a group's process for what requests say and compares with what the list means.
    ///
    /// @return the requests that the kernel decides otherwise
    List<String> differences(DeviceGroup group, List<DeviceRule> rules, List<Request> requests) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Request request : requests) {
            boolean expected = Requests.allowed(rules, request);
            if (asks(group, request) != expected) {
                wrong.add(request + (expected ? " is denied" : " is allowed"));
            }
        }
        return wrong;
    }

    private boolean asks(DeviceGroup group, Request request) throws Exception {
        String type = request.type() == Type.BLOCK ? "b" : "c";
        if (request.access().equals("m")) {
            return group.makes(directory.resolve("new").toString(), type, request.major(), request.minor());
        }
        return group.opens(request.access(), node(type, request.major(), request.minor()));
    }

    /// A node, made now if it is not there.
    String node(String type, int major, int minor) throws Exception {
        Path path = directory.resolve(type + major + "-" + minor);
        if (!Files.exists(path)) {
            Process mknod = new ProcessBuilder("mknod", path.toString(), type, "" + major, "" + minor)
                    .inheritIO()
                    .start();
            if (mknod.waitFor() != 0) {
                throw new AssertionError("mknod of " + path + " failed");
            }
        }
        return path.toString();
    }

    /// Some requests that a process can make: opens with r, w, rw, and mknod.
    static List<Request> somePossible(int count) {
        return samples(Requests.requests().filter(
                        request -> List.of("r", "w", "rw", "m").contains(request.access()) && request.major() != 0), count);
    }

    static <T> List<T> samples(Arbitrary<T> arbitrary, int count) {
        List<T> samples = new ArrayList<>();
        JqwikSession.run(() -> arbitrary.sampleStream().limit(count).forEach(samples::add));
        return samples;
    }
}
