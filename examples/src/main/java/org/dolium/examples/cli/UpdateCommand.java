// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
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
        description = "Changes limits of containers: at once for those that run, and for later starts. What is not mentioned stays as it is.")
final class UpdateCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

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
        if (list.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "You must provide one or more flags when using this command.");
        }
        Limits changed = Limits.none();
        for (Limit limit : list) {
            changed = changed.with(limit);
        }
        Limits all = changed;
        List<String> options = PortableOptions.of(spec.commandLine().getParseResult());
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            if (Found.isUp(container)) {
                container.update(all);
            }
            StoredRun run = StoredRun.of(container);
            if (run.isKnown()) {
                run.with(options).store(container);
            }
            return name;
        });
    }
}
