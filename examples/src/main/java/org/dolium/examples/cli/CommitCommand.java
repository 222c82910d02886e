// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.container.ContainerLayers;
import org.dolium.container.DetachedContainer;
import org.dolium.oci.change.ContainerChanges;
import org.dolium.oci.change.ImageCommit;
import org.dolium.oci.change.ImageCommit.Committed;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium commit`: makes an image of what a container has changed.
@Command(name = "commit", usageHelpAutoWidth = true, description = "Makes an image of what a container has changed, and prints its id. The container must keep what it writes on disk: dolium run --upper DIR.")
final class CommitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-a", "--author"}, paramLabel = "NAME", description = "Who made it")
    private @Nullable String author;

    @Option(names = {"-m", "--message"}, paramLabel = "TEXT", description = "A remark in the history")
    private @Nullable String message;

    @Option(names = {"-c", "--change"}, paramLabel = "LINE", description = "A change in the words of a Dockerfile, as CMD [\"sh\"]")
    private List<String> changes = new ArrayList<>();

    @Option(names = {"-p", "--pause"}, paramLabel = "true|false", arity = "0..1", fallbackValue = "true", defaultValue = "true",
            description = "Whether the container stands still meanwhile (default: true)")
    private boolean pause;

    @Option(names = "--image", paramLabel = "IMAGE", description = "The image that the container was made of, if several have the same layers")
    private @Nullable String image;

    @Parameters(index = "0", paramLabel = "PID-or-NAME", description = "The pid of its first process, or the name that it was given")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String container;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "The name of the image")
    private @Nullable String name;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> names = name == null ? List.of() : List.of(ImageReference.parse(name).withDefaultTag().toString());
        ContainerLayers layers = ContainerName.layers(container, state);
        try (ImageStore images = store.open();
                StoreSink sink = images.sink()) {
            LocalImage below = ContainerImage.of(images, layers, image);
            ImageCommit how = ImageCommit.on(images, below.manifest()).author(author).message(message).time(Epoch.time());
            changes.forEach(how::change);
            try (Frozen _ = pause ? frozen() : Frozen.nothing()) {
                Committed made = ContainerChanges.of(layers).commit(how, sink, names);
                spec.commandLine().getOut().println(made.config().digest());
                spec.commandLine().getOut().flush();
            }
        }
        return 0;
    }

    private Frozen frozen() throws IOException, InterruptedException {
        DetachedContainer detached = ContainerName.detached(container, state);
        return detached == null ? Frozen.of(ContainerName.pid(container, state)) : Frozen.of(detached);
    }
}
