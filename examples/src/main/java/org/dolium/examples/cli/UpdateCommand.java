// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.container.AfterEnd;
import org.dolium.container.DetachedContainer;
import org.dolium.container.RestartPolicy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium update`: changes limits.
@Command(
        name = "update",
        usageHelpAutoWidth = true,
        description = "Changes limits and restart policies of containers: at once for those that run, and for later starts. What is not mentioned stays as it is.")
final class UpdateCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--restart", paramLabel = "POLICY", description = "When to run the command again: no, on-failure[:MOST], always or unless-stopped")
    private @Nullable String restart;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @ArgGroup(validate = false, heading = "%nLimits:%n")
    private LimitOptions limits = new LimitOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Limit> list = limits.wanted();
        RestartPolicy policy = restart == null ? null : RestartPolicy.parse(restart);
        if (list.isEmpty() && policy == null) {
            throw new ParameterException(spec.commandLine(), "You must provide one or more flags when using this command.");
        }
        Limits changed = Limits.none();
        for (Limit limit : list) {
            changed = changed.with(limit);
        }
        Limits all = changed;
        List<String> options = PortableOptions.of(spec.commandLine().getParseResult());
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            if (!list.isEmpty() && Found.isUp(container)) {
                container.update(all);
            }
            StoredRun run = StoredRun.of(container);
            if (run.isKnown()) {
                run.with(options).store(container);
            }
            if (policy != null) {
                restart(container, policy, name);
            }
            return name;
        });
    }

    private static void restart(DetachedContainer container, RestartPolicy policy, String name) throws IOException, InterruptedException {
        if (!StoredRun.of(container).isKnown()) {
            throw new IOException("container " + name + " was not made by 'dolium run' or 'dolium create': only what made it can run it again");
        }
        AfterEnd after = container.afterEnd().map(AfterEndCommand::renewed).orElseGet(AfterEndCommand::executed);
        if (after.removes()) {
            throw new IOException("Restart policy cannot be updated because AutoRemove is enabled for the container");
        }
        container.afterEnd(after.restart(policy));
    }
}
