// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ImageCommit;
import org.dolium.oci.change.ImageCommit.Committed;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium import`: makes an image of a root file system in an archive.
@Command(name = "import", usageHelpAutoWidth = true, description = "Makes an image of a root file system in a tar archive, also compressed, and prints its id.")
final class ImportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-c", "--change"}, paramLabel = "LINE", description = "A change in the words of a Dockerfile, as CMD [\"sh\"]")
    private List<String> changes = new ArrayList<>();

    @Option(names = {"-m", "--message"}, paramLabel = "TEXT", description = "A remark in the history")
    private @Nullable String message;

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "What it runs on, as linux/arm64 (default: this machine)")
    private @Nullable String platform;

    @Parameters(index = "0", paramLabel = "FILE", description = "The archive, or - for standard input")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String file;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "The name of the image")
    private @Nullable String name;

    @Override
    public Integer call() throws IOException {
        List<String> names = name == null ? List.of() : List.of(ImageReference.parse(name).withDefaultTag().toString());
        ImageCommit how = ImageCommit.onNothing(platform == null ? LocalImage.platform() : Platform.parse(platform))
                .message(message == null ? "Imported from " + file : message).time(Epoch.time());
        changes.forEach(how::change);
        try (ImageStore images = store.open();
                StoreSink sink = images.sink();
                InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            Committed made = how.commit(ImageCommit.archive(in), sink, names);
            spec.commandLine().getOut().println(made.config().digest());
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}
