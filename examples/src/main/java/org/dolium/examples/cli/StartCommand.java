// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.AfterEnd;
import org.dolium.container.Attachment;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.container.RestartPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium start`: runs containers, also once more.
@Command(name = "start", usageHelpAutoWidth = true, description = "Runs the commands of containers that were made by dolium create or have ended. What they wrote to their root file systems before is gone.")
final class StartCommand implements ContainerVerb {
    private static final String POLICY = "restart-policy=";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-a", "--attach"}, description = "Print what it prints until it ends, exit with its status, and hand signals on to it if it has no terminal")
    private boolean attach;

    @Option(names = "--all", description = "Those that do not run, all or as --filter says")
    private boolean all;

    @Option(names = "--filter", paramLabel = "restart-policy=POLICY",
            description = "With --all, only those with this restart policy; of unless-stopped ones those that nobody has stopped")
    private List<String> filters = new ArrayList<>();

    @Option(names = {"-i", "--interactive"}, description = "As -a, and pass standard input through if it was made with -i")
    private boolean interactive;

    @Option(names = "--detach-keys", paramLabel = "KEYS", description = "Keys that leave it running (default: ctrl-p,ctrl-q)")
    private String detachKeys = DetachKeys.STANDARD;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "0..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Containers containers = state.open();
        check();
        if (all) {
            wanted = ended(containers);
        }
        if (!attach && !interactive) {
            return EachContainer.run(spec, containers, wanted, (container, name) -> {
                start(container);
                return name;
            });
        }
        if (wanted.size() > 1) {
            throw new IOException("you cannot start and attach multiple containers at once");
        }
        DetachedContainer container = Found.find(containers, wanted.get(0));
        StoredRun run = StoredRun.of(container);
        boolean typing = interactive && run.has("--interactive");
        if (!run.has("--tty")) {
            Instant before = Instant.now();
            start(container);
            try (Attachment attached = container.attachSince(before)) {
                return new LogFollower(container, container.logs().since(before)).follow(true, typing ? attached : null, true);
            }
        }
        try (UserTerminal user = UserTerminal.of(typing, DetachKeys.parse(detachKeys))) {
            user.open();
            Instant before = Instant.now();
            start(container);
            try (Attachment attached = container.attachSince(before)) {
                return new Session(container, attached, user).run(false).shellCode();
            }
        }
    }

    private void check() {
        if (all == !wanted.isEmpty() || all && (attach || interactive) || !all && !filters.isEmpty()) {
            throw new ParameterException(spec.commandLine(), all || !filters.isEmpty()
                    ? "--all is for no names and not for --attach and --interactive, and --filter for --all"
                    : "Missing required parameter: 'CONTAINER'");
        }
        for (String filter : filters) {
            if (!filter.startsWith(POLICY)) {
                throw new ParameterException(spec.commandLine(), "invalid filter '" + filter + "'; there is " + POLICY);
            }
        }
    }

    /// The ids of those that do not run and are meant by the filters.
    private List<String> ended(Containers containers) throws IOException {
        List<String> found = new ArrayList<>();
        for (DetachedContainer container : containers.list()) {
            if (mayBeMeant(container)) {
                found.add(container.id());
            }
        }
        return found;
    }

    /// What can't be known of one keeps no other from being started: its own start tells.
    private boolean mayBeMeant(DetachedContainer container) {
        try {
            return !Found.isUp(container) && isMeant(container);
        } catch (NoSuchFileException e) {
            return false; // it has just been removed
        } catch (IOException e) {
            return true;
        }
    }

    private boolean isMeant(DetachedContainer container) throws IOException {
        RestartPolicy policy = container.afterEnd().map(AfterEnd::policy).orElse(RestartPolicy.no());
        boolean stays = policy.when() == RestartPolicy.When.UNLESS_STOPPED && container.wasStopped();
        for (String filter : filters) {
            String value = filter.substring(POLICY.length());
            if (!stays && (policy.text().equals(value) || policy.text().startsWith(value + ":"))) {
                return true;
            }
        }
        return filters.isEmpty();
    }

    private static void start(DetachedContainer container) throws IOException, InterruptedException {
        DetachedState state = container.state();
        if (state == DetachedState.PAUSED) {
            throw new IOException("cannot start a paused container, try unpause instead");
        }
        if (state != DetachedState.RUNNING) { // one that runs is left alone, as by Docker
            ContainerBuilder builder = StoredRun.of(container).builder();
            AfterEndCommand.renew(container);
            container.start(builder);
        }
    }
}
