// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium exec`: refused so far. The library runs further commands only in containers of its own JVM.
@Command(
        name = "exec",
        usageHelpAutoWidth = true,
        customSynopsis = "dolium exec [OPTIONS] CONTAINER COMMAND [ARGUMENTS]",
        description = "Not there yet: it says so and runs nothing. A further command can be run by the Java program that started the"
                + " container (Container.exec), not yet in a detached one.")
final class ExecCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-d", "--detach"}, description = "Docker's, not there yet")
    private boolean detach;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME[=VALUE]", description = "Docker's, not there yet")
    private List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Docker's, not there yet")
    private List<Path> envFiles = new ArrayList<>();

    @Option(names = {"-i", "--interactive"}, description = "Docker's, not there yet")
    private boolean interactive;

    @Option(names = {"-t", "--tty"}, description = "Docker's, not there yet")
    private boolean tty;

    @Option(names = {"-u", "--user"}, paramLabel = "USER[:GROUP]", description = "Docker's, not there yet")
    private @Nullable String user;

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Docker's, not there yet")
    private @Nullable String workdir;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The command and its arguments")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        DetachedContainer container = Found.running(state.open(), wanted);
        if (container.state() == DetachedState.PAUSED) {
            throw new IOException("Container " + container.id() + " is paused, unpause the container before exec");
        }
        throw new IOException("there is no 'dolium exec' yet: nothing was run in container " + container.id());
    }
}
