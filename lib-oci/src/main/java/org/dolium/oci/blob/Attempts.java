// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Descriptor;

/// Content that is read from its beginning, and again from somewhere else if it was wrong.
///
/// ```java
/// while (true) {
///     try (VerifiedStream stream = attempts.open()) {
///         try {
///             return read(stream);
///         } catch (IOException e) {
///             attempts.failed(stream, e);
///         }
///     }
/// }
/// ```
public final class Attempts {
    private final Descriptor content;
    private final List<ImageSource> sources;
    private final List<WrongContentException> wrong = new ArrayList<>();
    private int at;

    /// @param sources where it is asked for, one after the other
    public Attempts(Descriptor content, List<ImageSource> sources) {
        this.content = content;
        this.sources = List.copyOf(sources);
    }

    /// The content from its beginning.
    public VerifiedStream open() throws IOException {
        byte[] inside = content.content();
        if (inside != null) {
            return Contents.stream(content, inside);
        }
        try {
            return sources.get(at).open(content);
        } catch (IOException e) {
            throw withEarlier(e);
        }
    }

    /// From which of the sources it is.
    public ImageSource source() {
        return sources.get(at);
    }

    /// Whether it matters if a stream is wrong, as the content may be had from somewhere else or it was wrong before.
    public boolean areMany(VerifiedStream stream) {
        return !wrong.isEmpty() || at + 1 < sources.size() || source().mayOpenAgain(stream);
    }

    /// Looks for whether something failed because the content was wrong, and returns if it is worth to open it again. Where it matters
    /// the rest of the content is read to know it.
    ///
    /// @throws IOException the failure, or that the content is wrong; why it was so before is suppressed in it
    public void failed(VerifiedStream stream, IOException failure) throws IOException {
        boolean matters = areMany(stream) && !(failure instanceof InterruptedIOException);
        WrongContentException problem = matters ? stream.verdict() : null;
        if (problem == null) {
            throw withEarlier(failure);
        }
        if (!source().mayOpenAgain(stream)) {
            if (at + 1 == sources.size()) {
                throw withEarlier(problem);
            }
            at++;
        }
        wrong.add(problem);
    }

    /// Why the content was wrong the last time.
    public String lastProblem() {
        return wrong.getLast().getMessage();
    }

    private <E extends IOException> E withEarlier(E failure) {
        for (WrongContentException earlier : wrong) {
            failure.addSuppressed(earlier);
        }
        return failure;
    }
}
