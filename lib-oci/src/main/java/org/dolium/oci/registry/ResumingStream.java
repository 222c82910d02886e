// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// A download that goes on where it broke off. What was read before and what comes then are verified together.
final class ResumingStream extends InputStream {
    private static final int MOST_BREAKS = 100;

    private final RegistryCaller caller;
    private final Call call;
    private final long size;
    private final int tries;
    private @Nullable Answer answer;
    private long at;
    private int breaks;
    private int inVain;

    /// @param first the answer to the call
    /// @param size how long the content should be
    /// @param tries how often in a row nothing may come
    ResumingStream(RegistryCaller caller, Call call, Answer first, long size, int tries) throws IOException {
        this.caller = caller;
        this.call = call;
        this.size = size;
        this.tries = tries;
        answer = first;
        checkLength(first, size);
    }

    private static void checkLength(Answer answer, long expected) throws IOException {
        if (answer.length() >= 0 && answer.length() != expected) {
            answer.close();
            throw new WrongContentException("the registry " + AddressRules.shown(answer.uri()) + " answers with "
                    + answer.length() + " bytes instead of " + expected);
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
                if (answer == null) {
                    answer = resumed();
                }
                int read = answer.body().read(bytes, offset, length);
                if (read < 0 && at < size) {
                    throw new IOException("the connection ended after " + at + " of " + size + " bytes");
                }
                at += Math.max(read, 0);
                inVain = 0;
                return read;
            } catch (IOException e) {
                broken(e);
            }
        }
    }

    private void broken(IOException e) throws IOException {
        close();
        answer = null;
        if (!RegistryCaller.mayPass(e) || ++inVain >= tries || ++breaks > MOST_BREAKS) {
            throw e;
        }
        caller.pause(inVain, null);
    }

    private Answer resumed() throws IOException {
        Map<String, String> headers = new HashMap<>(call.headers());
        if (at > 0) {
            headers.put("Range", "bytes=" + at + "-" + (size - 1));
        }
        Answer next = caller.send(Call.get(call.uri(), call.scopes(), headers));
        if (next.status() == 200) {
            checkLength(next, size);
            next.body().skipNBytes(at);
            return next;
        }
        if (next.status() != 206) {
            try (next) {
                throw next.error("going on with a download");
            }
        }
        String range = "bytes " + at + "-" + (size - 1) + "/";
        String given = String.valueOf(next.header("Content-Range"));
        if (!given.equals(range + size) && !given.equals(range + "*")) {
            next.close();
            throw new WrongContentException("the registry answers with another part than was asked for: '"
                    + JsonPlace.shown(given, 80) + "'");
        }
        checkLength(next, size - at);
        return next;
    }

    @Override
    public void close() throws IOException {
        if (answer != null) {
            answer.close();
        }
    }
}
