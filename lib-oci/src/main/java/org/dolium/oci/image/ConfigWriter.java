// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.ImageConfig.HistoryEntry;
import org.dolium.oci.image.RunConfig.Healthcheck;
import org.jspecify.annotations.Nullable;

/// Writes image configurations.
final class ConfigWriter {
    private ConfigWriter() {}

    static byte[] write(ImageConfig image) {
        List<String> diffIds = new ArrayList<>();
        image.diffIds().forEach(digest -> diffIds.add(digest.toString()));
        JsonObject rootfs = new JsonObject().text("type", "layers");
        diffIds.forEach(rootfs.node().putArray("diff_ids")::add);
        rootfs.more(image.rootfs().more());
        JsonObject root = new JsonObject()
                .text("created", image.created())
                .text("author", image.author())
                .text("architecture", image.platform().architecture())
                .text("os", image.platform().os())
                .text("os.version", image.platform().osVersion())
                .texts("os.features", image.platform().osFeatures())
                .text("variant", image.platform().variant());
        if (!image.config().equals(RunConfig.EMPTY)) {
            root.object("config", run(image.config()));
        }
        root.object("rootfs", rootfs);
        if (!image.history().isEmpty()) {
            root.objects("history", history(image.history()));
        }
        return root.more(image.more()).bytes();
    }

    private static JsonObject run(RunConfig run) {
        return new JsonObject()
                .text("User", run.user())
                .set("ExposedPorts", run.exposedPorts())
                .texts("Env", run.env())
                .texts("Entrypoint", run.entrypoint())
                .texts("Cmd", run.cmd())
                .object("Healthcheck", health(run.healthcheck()))
                .set("Volumes", run.volumes())
                .text("WorkingDir", run.workingDirectory())
                .map("Labels", run.labels())
                .text("StopSignal", run.stopSignal())
                .flag("ArgsEscaped", run.argsEscaped())
                .texts("OnBuild", run.onBuild())
                .texts("Shell", run.shell())
                .more(run.more());
    }

    private static @Nullable JsonObject health(@Nullable Healthcheck health) {
        return health == null
                ? null
                : new JsonObject()
                        .texts("Test", health.test())
                        .some("Interval", health.interval())
                        .some("Timeout", health.timeout())
                        .some("StartPeriod", health.startPeriod())
                        .some("StartInterval", health.startInterval())
                        .some("Retries", health.retries())
                        .more(health.more());
    }

    private static List<JsonObject> history(List<HistoryEntry> history) {
        List<JsonObject> steps = new ArrayList<>();
        for (HistoryEntry step : history) {
            steps.add(new JsonObject()
                    .text("created", step.created())
                    .text("created_by", step.createdBy())
                    .text("author", step.author())
                    .text("comment", step.comment())
                    .flag("empty_layer", step.emptyLayer())
                    .more(step.more()));
        }
        return steps;
    }
}
