// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// What a registry answered.
final class Answer implements Closeable {
    private static final int ERROR_LIMIT = 1 << 20;
    private static final JsonFormat ERRORS = new JsonFormat("the error", 16, 256, ERROR_LIMIT, 10_000);

    private final HttpResponse<InputStream> response;
    private final InputStream body;

    Answer(HttpResponse<InputStream> response, InputStream body) {
        this.response = response;
        this.body = body;
    }

    int status() {
        return response.statusCode();
    }

    URI uri() {
        return response.uri();
    }

    InputStream body() {
        return body;
    }

    @Nullable String header(String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    List<String> headers(String name) {
        return response.headers().allValues(name);
    }

    /// The length that it says it has; -1 if it doesn't say.
    long length() {
        return response.headers().firstValueAsLong("Content-Length").orElse(-1);
    }

    /// The type without parameters.
    String contentType() {
        String type = header("Content-Type");
        int semicolon = type == null ? -1 : type.indexOf(';');
        return type == null ? "" : (semicolon < 0 ? type : type.substring(0, semicolon)).trim();
    }

    /// All of a small body.
    byte[] bytes(int most) throws IOException {
        byte[] bytes = body.readNBytes(most + 1);
        if (bytes.length > most) {
            throw new WrongContentException(AddressRules.shown(uri()) + " answers with more than " + most + " bytes");
        }
        return bytes;
    }

    /// The same with its body in memory.
    Answer whole(int most) throws IOException {
        try (this) {
            return new Answer(response, new ByteArrayInputStream(bytes(most)));
        }
    }

    /// The error that it is, with the registry's own words as far as they can be shown.
    RegistryException error(String action) {
        return new RegistryException(
                status(), action + " failed with status " + status() + " of " + AddressRules.shown(uri()) + words());
    }

    private String words() {
        try {
            JsonPlace root = ERRORS.parse(body.readNBytes(ERROR_LIMIT), ERROR_LIMIT);
            StringBuilder words = new StringBuilder();
            for (JsonPlace error : root.object().all("errors", 10)) {
                words.append(": ").append(error.object().findText("code")).append(' ').append(error.findText("message"));
            }
            return JsonPlace.shown(words.toString(), 300);
        } catch (IOException | IllegalArgumentException e) { // it has no words
            return "";
        }
    }


    @Override
    public void close() throws IOException {
        body.close();
    }
}
