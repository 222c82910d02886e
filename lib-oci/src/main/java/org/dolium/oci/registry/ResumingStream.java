// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// A download that goes on where it broke off, at the next place when one gives up. What was read before and what comes then are
/// verified together. A thread may close it while another one reads, for which it doesn't go on then.
final class ResumingStream extends InputStream {
    private static final int MOST_BREAKS = 100;

    private final Places.Course course;
    private final Descriptor content;
    private final Deadline deadline;
    private final int tries;
    private volatile @Nullable Answer answer;
    private volatile boolean closed;
    private long at;
    private int breaks;
    private int inVain;

    /// Asks for the content.
    ///
    /// @param course where it is asked for
    /// @param tries how often in a row nothing may come
    ResumingStream(Places.Course course, Descriptor content, Deadline deadline, int tries) throws IOException {
        this.course = course;
        this.content = content;
        this.deadline = deadline;
        this.tries = tries;
        while (answer == null) {
            try {
                answer = begun();
            } catch (IOException e) {
                course.next(e);
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (true) {
            try {
                int read = opened().body().read(bytes, offset, length);
                if (read < 0 && at < content.size()) {
                    throw new IOException("the connection ended after " + at + " of " + content.size() + " bytes");
                }
                at += Math.max(read, 0);
                inVain = 0;
                return read;
            } catch (IOException e) {
                broken(e);
            }
        }
    }

    /// The answer that is read.
    private Answer opened() throws IOException {
        checkOpen();
        Answer open = answer;
        if (open == null) {
            open = at == 0 ? begun() : resumed();
            answer = open;
            if (closed) { // by who did not see this answer
                open.close();
                checkOpen();
            }
        }
        return open;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the download of " + content.digest() + " was closed");
        }
    }

    private Answer begun() throws IOException {
        Answer begun = course.place().begin(content, deadline);
        course.use();
        return begun;
    }

    private void broken(IOException e) throws IOException {
        closeAnswer();
        if (closed) {
            throw e;
        }
        answer = null;
        boolean again = RegistryCaller.mayPass(e) && ++inVain < tries && ++breaks <= MOST_BREAKS && !course.hasNext();
        if (again) {
            course.place().caller().pause(inVain, null, deadline);
        } else {
            course.next(e);
            inVain = 0;
        }
    }

    private Answer resumed() throws IOException {
        long last = content.size() - 1;
        String part = "bytes=" + at + "-" + last;
        Map<String, String> headers = MediaTypes.isDocument(content.mediaType())
                ? Map.of("Range", part, "Accept", content.mediaType())
                : Map.of("Range", part);
        Place place = course.place();
        course.use();
        Answer next = place.caller().send(place.call(content, headers, deadline));
        if (next.status() == 200) {
            try {
                Place.checkLength(next, content.size());
                next.body().skipNBytes(at);
                return next;
            } catch (IOException e) {
                next.close();
                throw e;
            }
        }
        if (next.status() != 206) {
            try (next) {
                throw next.error("going on with a download");
            }
        }
        String range = "bytes " + at + "-" + last + "/";
        String given = String.valueOf(next.header("Content-Range"));
        if (!given.equals(range + content.size()) && !given.equals(range + "*")) {
            next.close();
            throw new WrongContentException("the registry answers with another part than was asked for: '"
                    + JsonPlace.shown(given, 80) + "'");
        }
        Place.checkLength(next, content.size() - at);
        return next;
    }

    private void closeAnswer() throws IOException {
        Answer open = answer;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        closeAnswer();
    }
}
