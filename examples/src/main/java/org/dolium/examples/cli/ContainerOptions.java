// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.AfterEnd;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.RestartPolicy;
import org.dolium.oci.Image;
import org.dolium.oci.image.ImageReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What `dolium run` and `dolium create` have in common: all that is said about a container.
final class ContainerOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--rm", description = "Remove the container when it has ended; without -d always so, unless it was detached from: nothing of it remains")
    private boolean remove;

    @ArgGroup(validate = false, heading = "%nStandard streams:%n")
    private StreamOptions streams = new StreamOptions();

    @ArgGroup(validate = false, heading = "%nFiles:%n")
    private FileOptions files = new FileOptions();

    @ArgGroup(validate = false, heading = "%nThe process:%n")
    private ProcessOptions process = new ProcessOptions();

    @ArgGroup(validate = false, heading = "%nBeginning and end:%n")
    private LifecycleOptions lifecycle = new LifecycleOptions();

    @ArgGroup(validate = false, heading = "%nLimits:%n")
    private LimitOptions limits = new LimitOptions();

    @ArgGroup(validate = false, heading = "%nThe cgroup:%n")
    private GroupOptions group = new GroupOptions();

    @ArgGroup(validate = false, heading = "%nIsolation:%n")
    private IsolationOptions isolation = new IsolationOptions();

    @Option(names = "--pull", paramLabel = "WHEN", description = "Pull the image always, missing (default) or never")
    private String pull = "missing";

    @ArgGroup(validate = false, heading = "%nImages:%n")
    private ImageOptions images = new ImageOptions();

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "The image, or after -- or with --rootfs the command; and arguments")
    private List<String> command = new ArrayList<>();

    private @Nullable Image image;

    RestartPolicy restart() {
        return lifecycle.restart();
    }

    Duration grace() {
        return lifecycle.grace();
    }

    @Nullable String name() {
        return group.name();
    }

    /// See [StreamOptions#apply].
    @Nullable UserTerminal terminal(ContainerBuilder builder) {
        return streams.apply(builder);
    }

    /// See [StreamOptions#isSession].
    boolean isSession() {
        return streams.isSession();
    }

    /// See [StreamOptions#terminal].
    UserTerminal terminal() {
        return streams.terminal();
    }

    /// @throws IllegalArgumentException if something is asked for that needs a JVM which stays
    void checkDetached() {
        if (remove && lifecycle.restart().when() != RestartPolicy.When.NEVER) {
            throw new IllegalArgumentException("conflicting options: cannot specify both --restart and --rm");
        }
    }

    /// What is to happen at the end of a detached container, or null for nothing.
    ///
    /// @param limit after which it is killed, or null for none
    @Nullable AfterEnd afterEnd(@Nullable Duration limit) {
        RestartPolicy restart = lifecycle.restart();
        if (!remove && limit == null && restart.when() == RestartPolicy.When.NEVER) {
            return null;
        }
        AfterEnd after = AfterEndCommand.executed().restart(restart);
        after = remove ? after.remove() : after;
        return limit == null ? after : after.timeout(limit);
    }

    /// What the options ask for.
    ContainerBuilder builder() throws IOException {
        image = hasImage() ? images.get(command.get(0), pull, spec) : null;
        ContainerBuilder builder = image == null ? ContainerBuilder.create() : image.newContainer();
        files.apply(builder, image == null ? null : image.rootfs());
        List<String> words = image == null ? command : command.subList(1, command.size());
        if (!words.isEmpty()) {
            builder.command(words);
        }
        process.apply(builder);
        lifecycle.apply(builder);
        group.apply(builder, limits.wanted());
        isolation.apply(builder);
        isolation.notes().forEach(this::tell);
        return builder;
    }

    /// What the options ask for, of a detached container.
    ContainerBuilder detachedBuilder() throws IOException {
        ContainerBuilder builder = builder();
        streams.applyDetached(builder);
        return builder;
    }

    void tell(String sentence) {
        spec.commandLine().getErr().println("dolium: " + sentence);
        spec.commandLine().getErr().flush();
    }

    /// What has to be kept to start it again, after [#builder].
    StoredRun stored() {
        List<String> options = PortableOptions.of(spec.commandLine().getParseResult());
        return image == null
                ? new StoredRun("", "", remove, options, command)
                : new StoredRun(name(image), image.id().toString(), remove, options, command.subList(1, command.size()));
    }

    private static String name(Image image) {
        ImageReference reference = image.reference().orElse(null);
        return reference == null ? image.id().hex().substring(0, 12) : shortened(reference.familiar());
    }

    /// As Docker lists it: as it was called.
    private static String shortened(String name) {
        return name.endsWith(":latest") ? name.substring(0, name.length() - ":latest".length()) : name;
    }

    /// Whether the first word is an image, as for Docker: not where the root is known already, nor after `--`.
    private boolean hasImage() {
        List<String> line = spec.commandLine().getParseResult().originalArgs();
        int before = line.size() - command.size() - 1;
        boolean separated = before >= 0 && line.get(before).equals("--");
        return !files.hasRoot() && !isolation.isWithoutNamespaces() && !separated;
    }
}
