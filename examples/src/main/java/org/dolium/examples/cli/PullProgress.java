// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.pull.PullEvent;
import picocli.CommandLine.Model.CommandSpec;

/// Shows how a pull goes on, on standard error: a bar on a terminal, else a line for each layer, in Docker's words.
final class PullProgress implements Consumer<PullEvent>, AutoCloseable {
    private static final int BAR = 30;
    private static final int SHORT = 12;

    private final PrintWriter err;
    private final boolean terminal;
    private final ImageReference name;
    private final Map<Digest, Long> downloaded = new LinkedHashMap<>();
    private long total;
    private int layers;
    private int done;
    private int fresh;
    private boolean drawn;

    PullProgress(PrintWriter err, boolean terminal, ImageReference name) {
        this.err = err;
        this.terminal = terminal;
        this.name = name.withDefaultTag();
    }

    static PullProgress on(CommandSpec spec, ImageReference name) {
        return new PullProgress(spec.commandLine().getErr(), isTerminal(), name);
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return System.console() != null && (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty"));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized void accept(PullEvent event) {
        switch (event) {
            case PullEvent.Resolved resolved -> {
                total = resolved.bytes();
                layers = resolved.layers();
                line(name.version() + ": Pulling from " + name.repository());
            }
            case PullEvent.LayerStarted started -> {
                if (!terminal && started.local()) {
                    line(brief(started.layer()) + ": Unpacking");
                }
            }
            case PullEvent.LayerRetried again -> {
                downloaded.remove(again.layer().digest());
                line(brief(again.layer()) + ": Retrying, as " + again.problem());
            }
            case PullEvent.Downloaded part -> downloaded.put(part.layer().digest(), part.bytes());
            case PullEvent.Unpacked unpacked -> downloaded.put(unpacked.layer().digest(), unpacked.layer().size());
            case PullEvent.LayerDone layer -> layerDone(layer);
            case PullEvent.Finished finished -> {
                erase();
                line("Digest: " + finished.image().root().digest());
                line("Status: " + (fresh > 0 ? "Downloaded newer image for " : "Image is up to date for ") + name.familiar());
            }
        }
        draw(event);
        err.flush();
    }

    private void layerDone(PullEvent.LayerDone layer) {
        done++;
        fresh += layer.existed() ? 0 : 1;
        downloaded.put(layer.layer().digest(), layer.layer().size());
        if (!terminal) {
            line(brief(layer.layer()) + (layer.existed() ? ": Already exists" : ": Pull complete"));
        }
    }

    private static String brief(Descriptor layer) {
        return layer.digest().hex().substring(0, SHORT);
    }

    private void line(String text) {
        erase();
        err.println(text);
    }

    private void draw(PullEvent event) {
        if (!terminal || total == 0 || event instanceof PullEvent.Finished) {
            return;
        }
        long bytes = Math.min(total, downloaded.values().stream().mapToLong(Long::longValue).sum());
        int filled = (int) (bytes * BAR / total);
        erase();
        err.print("[" + "=".repeat(filled) + (filled < BAR ? ">" + " ".repeat(BAR - filled - 1) : "") + "] " + HumanText.size(bytes)
                + " / " + HumanText.size(total) + ", " + done + " of " + layers + " layers");
        drawn = true;
    }

    private void erase() {
        if (drawn) {
            err.print("\r\u001b[K");
            drawn = false;
        }
    }

    /// Leaves nothing half drawn behind.
    @Override
    public synchronized void close() {
        erase();
        err.flush();
    }
}
