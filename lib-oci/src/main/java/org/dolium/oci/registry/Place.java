// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.MediaTypes;

/// A repository of a registry from which content is read: the one that was asked for, or that of a mirror.
///
/// @param caller asks the registry
/// @param reference the repository
/// @param mirror whether it is a mirror
/// @param names whether it is asked what tags stand for
record Place(RegistryCaller caller, ImageReference reference, boolean mirror, boolean names) {
    /// The address of something of the repository.
    URI uri(String kind, String version) {
        return caller.uri(reference.repository() + "/" + kind + "/" + version);
    }

    String scopes() {
        return Repository.pull(reference.repository());
    }

    /// The request for content.
    Call call(Descriptor content, Map<String, String> headers, Deadline deadline) {
        boolean document = MediaTypes.isDocument(content.mediaType());
        URI uri = uri(document ? "manifests" : "blobs", content.digest().toString());
        return Call.get(uri, scopes(), headers).by(deadline);
    }

    /// The answer with the whole of it.
    Answer begin(Descriptor content, Deadline deadline) throws IOException {
        boolean document = MediaTypes.isDocument(content.mediaType());
        Answer answer =
                caller.send(call(content, document ? Map.of("Accept", content.mediaType()) : Map.of(), deadline));
        if (answer.status() != 200) {
            try (answer) {
                throw missing(answer, content);
            }
        }
        if (document && !answer.contentType().equals(content.mediaType())) {
            answer.close();
            throw new WrongContentException("the registry says that " + content.digest() + " is of another type than "
                    + content.mediaType());
        }
        checkLength(answer, content.size());
        return answer;
    }

    private IOException missing(Answer answer, Descriptor content) {
        if (answer.status() != 404) {
            return answer.error("reading " + content.digest() + " of " + reference.name());
        }
        boolean foreign = MediaTypes.isForeignLayer(content.mediaType());
        return new NoSuchFileException(content.digest().toString(), null, "it is not in " + reference.name()
                + (foreign ? "; it is a layer that is kept elsewhere, from where it is not read" : ""));
    }

    static void checkLength(Answer answer, long expected) throws IOException {
        if (answer.length() >= 0 && answer.length() != expected) {
            answer.close();
            throw new WrongContentException("the registry " + AddressRules.shown(answer.uri()) + " answers with "
                    + answer.length() + " bytes instead of " + expected);
        }
    }
}
