// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.container.DetachedContainer;
import org.dolium.files.ContainerFiles;
import org.dolium.files.CopyReport;
import org.dolium.files.CopyRules;
import org.dolium.oci.change.ContainerArchives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium cp`: copies files into running containers and out of them.
@Command(
        name = "cp",
        usageHelpAutoWidth = true,
        customSynopsis = {"dolium cp [OPTIONS] CONTAINER:SOURCE TARGET|-", "dolium cp [OPTIONS] SOURCE|- CONTAINER:TARGET"},
        description = "Copies a file, or a directory with all that is in it, into a running container or out of it; what is in a directory if"
                + " SOURCE ends with /. ; or a tar archive from standard input or to standard output, if it is - . A link that is named"
                + " itself is followed, in a container inside of it.")
final class CpCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-a", "--archive"}, description = "Files keep the numbers of their owners")
    private boolean owners;

    @Option(names = {"-L", "--follow-link"}, description = "Always so: a link that is named itself is followed")
    private boolean follow;

    @Option(names = {"-q", "--quiet"}, description = "Don't say what was copied")
    private boolean quiet;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(index = "0", paramLabel = "SOURCE", description = "CONTAINER:PATH, a path here, or -")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String source;

    @Parameters(index = "1", paramLabel = "TARGET", description = "A path here, - or CONTAINER:PATH")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String target;

    @Override
    public Integer call() throws IOException, InterruptedException {
        int from = colon(source);
        int to = colon(target);
        if (from < 0 && to < 0) {
            throw new IllegalArgumentException("must specify at least one container source");
        } else if (from >= 0 && to >= 0) {
            throw new IllegalArgumentException("copying between containers is not supported");
        } else if (from >= 0) {
            copyOut(source.substring(0, from), source.substring(from + 1));
        } else {
            copyIn(target.substring(0, to), target.substring(to + 1));
        }
        return 0;
    }

    /// Where the name of the container ends, or -1 if it is a path here.
    static int colon(String argument) {
        return argument.startsWith("/") || argument.startsWith(".") ? -1 : argument.indexOf(':');
    }

    private CopyRules rules() {
        CopyRules rules = CopyRules.standard().replacing();
        return owners ? rules.keepingOwners() : rules;
    }

    private ContainerFiles files(String container) throws IOException, InterruptedException {
        DetachedContainer found = Found.running(state.open(), container);
        return found.files();
    }

    private void copyOut(String container, String path) throws IOException, InterruptedException {
        ContainerFiles files = files(container);
        CopyTarget.Place from = CopyTarget.inside(files, path);
        if (!from.exists()) {
            throw new IOException("Could not find the file " + path + " in container " + container);
        }
        if (target.equals("-")) {
            StandardOutput.write(out -> ContainerArchives.copyOut(files, from.path(), out, rules(), spool()));
            return;
        }
        String named = CopyTarget.of(path, from.directory(), CopyTarget.here(target), container + ":" + path);
        tell(files.copyOut(from.path(), Path.of(named), rules()), target);
    }

    private void copyIn(String container, String path) throws IOException, InterruptedException {
        ContainerFiles files = files(container);
        CopyTarget.Place to = CopyTarget.inside(files, path);
        if (source.equals("-")) {
            if (!to.directory()) {
                throw new IOException("destination \"" + container + ":" + path + "\" must be a directory");
            }
            ContainerArchives.copyIn(files, new FileInputStream(FileDescriptor.in), to.path(), rules(), spool());
            return;
        }
        Path host = Path.of(source);
        if (!Files.exists(host)) {
            throw new IOException("lstat " + source + ": no such file or directory");
        }
        String named = CopyTarget.of(source, Files.isDirectory(host), to, source);
        tell(files.copyIn(host, named, rules()), container + ":" + path);
    }

    private static Path spool() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private void tell(CopyReport report, String where) {
        if (!quiet) {
            spec.commandLine().getErr().println("Successfully copied " + HumanText.size(report.bytes()) + " to " + where);
            spec.commandLine().getErr().flush();
        }
    }
}
