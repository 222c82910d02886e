// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;

/// A repository of a registry, from which images are read and to which they are written. Names are tags and digests. Thread-safe.
public final class Repository implements ImageSource, ImageSink {
    private static final int MOST_REMEMBERED = 64;

    private final RegistryCaller caller;
    private final ImageReference reference;
    private final RegistrySettings settings;
    private final RepositoryUpload upload;
    private final RepositoryLists lists;
    /// Documents that were read or written, which are small: what a name stood for is not asked again.
    private final Map<Digest, byte[]> documents = new ConcurrentHashMap<>();

    Repository(RegistryCaller caller, ImageReference reference, RegistrySettings settings) {
        this.caller = caller;
        this.reference = reference;
        this.settings = settings;
        upload = new RepositoryUpload(caller, reference.repository(), settings);
        lists = new RepositoryLists(caller, reference.repository());
    }

    static String pull(String repository) {
        return "repository:" + repository + ":pull";
    }

    private URI uri(String kind, String version) {
        return caller.uri(reference.repository() + "/" + kind + "/" + version);
    }

    /// Asks the registry for a tag or digest. The digest is computed here; what the registry says it is must be the same.
    @Override
    public Descriptor resolve(String name) throws IOException {
        ImageReference asked = name.indexOf(':') >= 0
                ? reference.withDigest(Digest.parse(name))
                : reference.withTag(name);
        Call call = Call.get(
                uri("manifests", asked.version()),
                pull(reference.repository()),
                Map.of("Accept", String.join(", ", MediaTypes.DOCUMENTS)));
        try (Answer answer = caller.whole(call, ImageDocument.LIMIT)) {
            if (answer.status() != 200) {
                throw answer.error("asking for " + asked);
            }
            byte[] bytes = answer.bytes(ImageDocument.LIMIT);
            Descriptor descriptor = described(answer, bytes, asked);
            remember(descriptor, bytes);
            return descriptor;
        }
    }

    private static Descriptor described(Answer answer, byte[] bytes, ImageReference asked) throws IOException {
        try {
            String stated = answer.header("Docker-Content-Digest");
            Digest wanted = asked.digest() != null ? asked.digest() : stated == null ? Digest.of(bytes) : Digest.parse(stated);
            if (!wanted.matches(bytes) || stated != null && !Digest.parse(stated).matches(bytes)) {
                throw new WrongContentException("the registry answers for " + asked + " with content that has the digest "
                        + Digest.of(bytes) + ", not " + wanted);
            }
            ImageDocument document = ImageDocument.parse(bytes, answer.contentType());
            return Descriptor.of(document.type(), wanted, bytes.length);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException("the registry answers for " + asked + ": " + e.getMessage(), e);
        }
    }

    @Override
    public VerifiedStream open(Descriptor content) throws IOException {
        byte[] known = documents.get(content.digest());
        if (known != null) {
            return new VerifiedStream(new ByteArrayInputStream(known), content, reference.name());
        }
        boolean document = MediaTypes.isDocument(content.mediaType());
        Call call = Call.get(
                uri(document ? "manifests" : "blobs", content.digest().toString()),
                pull(reference.repository()),
                document ? Map.of("Accept", content.mediaType()) : Map.of());
        Answer answer = caller.send(call);
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
        InputStream stream = new ResumingStream(caller, call, answer, content.size(), settings.tries());
        return new VerifiedStream(stream, content, reference.name());
    }

    private IOException missing(Answer answer, Descriptor content) {
        if (answer.status() != 404) {
            return answer.error("reading " + content.digest() + " of " + reference.name());
        }
        boolean foreign = MediaTypes.isForeignLayer(content.mediaType());
        return new NoSuchFileException(content.digest().toString(), null, "it is not in " + reference.name()
                + (foreign ? "; it is a layer that is kept elsewhere, from where it is not read" : ""));
    }

    /// The tags, in the registry's order.
    public List<String> tags() throws IOException {
        return lists.tags();
    }

    /// What refers to a document: signatures, attestations and the like. Registries that don't know are asked for the tag that
    /// stands for it.
    public Index referrers(Digest subject) throws IOException {
        return lists.referrers(subject);
    }

    /// Lets blobs be taken from other repositories of the registry, by names such as `library/busybox`, instead of sending them.
    public void mountFrom(String repository) {
        upload.mountFrom(new ImageReference(reference.registry(), repository, null, null).repository());
    }

    @Override
    public boolean has(Descriptor content) throws IOException {
        return upload.has(content);
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        Descriptor descriptor = content.descriptor();
        if (!MediaTypes.isDocument(descriptor.mediaType())) {
            upload.blob(content);
            return;
        }
        if (descriptor.size() > ImageDocument.LIMIT) {
            throw new WrongContentException(descriptor.digest() + " is larger than " + ImageDocument.LIMIT + " bytes");
        }
        byte[] bytes = content.readAllBytes();
        upload.document(descriptor, bytes, descriptor.digest().toString());
        remember(descriptor, bytes);
    }

    private void remember(Descriptor descriptor, byte[] bytes) {
        if (documents.size() >= MOST_REMEMBERED) {
            documents.clear();
        }
        documents.put(descriptor.digest(), bytes);
    }

    /// Gives a document tags. Without any it is there by its digest.
    @Override
    public void publish(Descriptor root, List<String> names) throws IOException {
        byte[] bytes = names.isEmpty() ? new byte[0] : Contents.bytes(this, root, ImageDocument.LIMIT);
        for (String name : names) {
            upload.document(root, bytes, reference.withTag(name).version());
        }
    }

    @Override
    public void finish() {}

    /// Does nothing: connections belong to the client.
    @Override
    public void close() {}
}
