// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Dolium itself shall read of a container's output, and for whom. Only made where something was asked for.
final class OutputWishes {
    /// What is wanted of one stream.
    static final class Stream {
        final List<LineSplitter.Sink> consumers = new ArrayList<>(1);
        @Nullable Path file;

        private boolean isWanted() {
            return !consumers.isEmpty() || file != null;
        }

        private void set(Stream other) {
            consumers.addAll(other.consumers);
            file = other.file;
        }
    }

    final Stream out = new Stream();
    final Stream err = new Stream();
    int retained;

    OutputWishes copy() {
        OutputWishes copy = new OutputWishes();
        copy.out.set(out);
        copy.err.set(err);
        copy.retained = retained;
        return copy;
    }

    void check(ContainerBuilder wanted, List<String> problems) {
        check("standard output", out, wanted.output, problems);
        check("standard error", err, wanted.error, problems);
        if ((wanted.mergeError || wanted.terminal != null) && err.isWanted()) {
            problems.add("standard error is merged into standard output, and can't be read or recorded apart");
        }
        if (wanted.terminal != null && out.file != null) {
            problems.add("what a terminal prints can't be recorded in a file by the kernel; onStdoutLine can");
        }
    }

    private static void check(String name, Stream stream, Redirect redirect, List<String> problems) {
        if (stream.isWanted() && redirect.type() != Redirect.Type.PIPE) {
            problems.add(name + " is redirected, and can't be read or recorded as well");
        }
        if (stream.file != null && !stream.consumers.isEmpty()) {
            problems.add(name + " is recorded in a file by the kernel, and has no consumers of lines then");
        }
    }

    /// Who reads standard output, or null if that is the caller's.
    @Nullable OutputPump outPump(Redirect redirect) throws IOException {
        return pump(out, redirect);
    }

    /// Who reads standard error, or null if that is the caller's or there is none.
    @Nullable OutputPump errPump(Redirect redirect, boolean merged) throws IOException {
        return merged ? null : pump(err, redirect);
    }

    private @Nullable OutputPump pump(Stream stream, Redirect redirect) throws IOException {
        if (redirect.type() != Redirect.Type.PIPE || !stream.isWanted() && retained == 0) {
            return null;
        }
        Path file = stream.file;
        return new OutputPump(stream, file == null ? retained : 0, file == null ? null : new Spool(file));
    }
}
