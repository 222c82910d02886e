// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.container.AfterEnd;
import org.dolium.container.DetachedContainer;
import org.dolium.container.RestartPolicy;
import org.jspecify.annotations.Nullable;

/// What is known of a detached container, under the names of `docker inspect`; what Docker has no name for is below `Dolium`.
final class ContainerInspection {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private ContainerInspection() {}

    static Map<String, Object> of(DetachedContainer container) throws IOException {
        ContainerView view = Found.view(container);
        StoredRun run = StoredRun.of(container);
        List<String> command = view.command();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("Id", view.id());
        all.put("Created", TimeText.nanos(view.created()));
        all.put("Path", command.isEmpty() ? "" : command.get(0));
        all.put("Args", command.isEmpty() ? List.of() : command.subList(1, command.size()));
        all.put("State", state(view, container.problem().orElse("")));
        all.put("Image", view.imageId());
        all.put("Name", "/" + view.name());
        all.put("RestartCount", container.restarts());
        all.put("Platform", "linux");
        Map<String, Object> host = new LinkedHashMap<>();
        RestartPolicy policy = container.afterEnd().map(AfterEnd::policy).orElse(RestartPolicy.no());
        Map<String, Object> restart = new LinkedHashMap<>();
        restart.put("Name", policy.text().replaceAll(":.*", ""));
        restart.put("MaximumRetryCount", policy.most());
        host.put("RestartPolicy", restart);
        host.put("AutoRemove", run.remove());
        all.put("HostConfig", host);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("Cmd", command);
        config.put("Image", view.image());
        config.put("Tty", run.has("--tty"));
        config.put("OpenStdin", run.has("--interactive"));
        config.put("Labels", new TreeMap<>(view.labels()));
        config.put("StopSignal", container.stopSignal().toString());
        all.put("Config", config);
        all.put("Dolium", own(container, run));
        return all;
    }

    private static Map<String, Object> state(ContainerView view, String problem) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("Status", view.state().text());
        state.put("Running", view.isUp());
        state.put("Paused", view.state() == ContainerView.State.PAUSED);
        state.put("Restarting", view.state() == ContainerView.State.RESTARTING);
        state.put("OOMKilled", view.outOfMemory());
        state.put("Dead", view.state() == ContainerView.State.DEAD);
        state.put("Pid", view.pid());
        state.put("ExitCode", view.exitCode());
        state.put("Error", problem);
        state.put("StartedAt", time(view.started()));
        state.put("FinishedAt", time(view.finished()));
        return state;
    }

    private static Map<String, Object> own(DetachedContainer container, StoredRun run) throws IOException {
        Map<String, Object> own = new LinkedHashMap<>();
        own.put("Options", run.options());
        own.put("Arguments", run.words());
        own.put("MonitorPid", container.monitorPid().orElse(0));
        own.put("Reductions", container.reductions());
        return own;
    }

    private static String time(@Nullable Instant time) {
        return time == null ? NEVER : TimeText.nanos(time);
    }
}
