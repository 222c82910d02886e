// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.container.ContainerSpec;
import org.dolium.container.Result;
import org.dolium.seccomp.SeccompProfile;

/// Who takes part in a case, by name, and who can't, with the reason.
final class Contest {
    static final String DOLIUM = "Dolium";
    static final String DOLIUM_NEW_SPEC = "Dolium, spec built each time";
    static final String DOLIUM_UNFILTERED = "Dolium without a filter";
    static final String DOLIUM_PLAIN = "Dolium without cgroup and filter";
    static final String LIMIT = "C limit";
    static final String BARE = "C, vfork and exec only";
    static final String PROCESS_BUILDER = "ProcessBuilder";

    private final Bench bench;
    private final Isolation isolation;
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();

    private Contest(Bench bench, Isolation isolation) {
        this.bench = bench;
        this.isolation = isolation;
    }

    static Contest of(Bench bench, Isolation isolation, String... names) throws IOException, InterruptedException {
        Contest contest = new Contest(bench, isolation);
        for (String name : names) {
            contest.add(name);
        }
        return contest;
    }

    /// Others than those that start containers.
    static Contest of(Bench bench, Isolation isolation, Map<String, Subject> subjects, Map<String, String> missing) {
        Contest contest = new Contest(bench, isolation);
        contest.subjects.putAll(subjects);
        contest.missing.putAll(missing);
        return contest;
    }

    Map<String, Subject> subjects() {
        return subjects;
    }

    Map<String, String> missing() {
        return missing;
    }

    /// Who does the same work: those without cgroup and filter are compared with such a Dolium.
    String equalTo(String name) {
        boolean without = name.equals(Peers.BWRAP) || name.equals(Peers.CRUN_WITHOUT_CGROUPS);
        return without && subjects.containsKey(DOLIUM_PLAIN) ? DOLIUM_PLAIN : DOLIUM;
    }

    /// Takes out a subject that failed on the way.
    void drop(String name, String why) {
        subjects.remove(name);
        missing.put(name, why);
    }

    private void add(String name) throws IOException, InterruptedException {
        Path rootfs = bench.workspace().rootfs();
        switch (name) {
            case DOLIUM -> {
                ContainerSpec spec = isolation.builder(rootfs, "/bin/true").build();
                subjects.put(name, new JvmSubject(() -> check(spec.run())));
            }
            case DOLIUM_NEW_SPEC -> subjects.put(
                    name, new JvmSubject(() -> check(isolation.builder(rootfs, "/bin/true").run())));
            case DOLIUM_UNFILTERED -> {
                ContainerSpec spec = isolation.builder(rootfs, "/bin/true").seccomp(SeccompProfile.unconfined()).build();
                subjects.put(name, new JvmSubject(() -> check(spec.run())));
            }
            case DOLIUM_PLAIN -> {
                ContainerSpec spec = isolation.builder(rootfs, "/bin/true").cgroup(CgroupPlacement.none())
                        .seccomp(SeccompProfile.unconfined()).build();
                subjects.put(name, new JvmSubject(() -> check(spec.run())));
            }
            case LIMIT -> {
                Path plan = bench.workspace().directory().resolve("plan-" + isolation.key());
                OwnPlan.write(plan, isolation.builder(rootfs, "/bin/true").build());
                subjects.put(name, bench.referee().plan("limit " + isolation.key(), plan));
            }
            case BARE -> subjects.put(
                    name, bench.referee().command("bare", List.of(rootfs.resolve("bin/true").toString())));
            case PROCESS_BUILDER -> subjects.put(name, new JvmSubject(() -> startProcess(rootfs)));
            default -> bench.peers().add(bench.referee(), name, isolation, subjects, missing);
        }
    }

    static void check(Result result) throws IOException {
        if (result.status().shellCode() != 0) {
            throw new IOException("/bin/true in a container ended with " + result.status());
        }
    }

    private static void startProcess(Path rootfs) throws IOException, InterruptedException {
        int code = new ProcessBuilder(rootfs.resolve("bin/true").toString())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("/bin/true ended with " + code);
        }
    }
}
