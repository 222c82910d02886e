// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final int UPLOADS_AT_ONCE = 4;

    private final Places places;
    private final ImageReference reference;
    private final RegistrySettings settings;
    private final RepositoryUpload upload;
    private final RepositoryLists lists;
    /// Documents that were read or written, which are small: what a name stood for is not asked again.
    private final Map<Digest, byte[]> documents = new ConcurrentHashMap<>();

    /// @param places where it is read; the last is the repository itself
    Repository(List<Place> places, ImageReference reference, RegistrySettings settings) {
        this.places = new Places(places);
        this.reference = reference;
        this.settings = settings;
        RegistryCaller caller = places.getLast().caller();
        upload = new RepositoryUpload(caller, reference.repository(), settings);
        lists = new RepositoryLists(caller, reference.repository());
    }

    static String pull(String repository) {
        return "repository:" + repository + ":pull";
    }

    /// Asks the registry for a tag or digest. The digest is computed here; what the registry says it is must be the same.
    @Override
    public Descriptor resolve(String name) throws IOException {
        boolean digest = name.indexOf(':') >= 0;
        return places.first(!digest, place -> resolve(place, name, digest));
    }

    private Descriptor resolve(Place place, String name, boolean digest) throws IOException {
        ImageReference asked = digest
                ? place.reference().withDigest(Digest.parse(name))
                : place.reference().withTag(name);
        Call call = Call.get(
                place.uri("manifests", asked.version()),
                place.scopes(),
                Map.of("Accept", String.join(", ", MediaTypes.DOCUMENTS)));
        try (Answer answer = place.caller().whole(call, ImageDocument.LIMIT)) {
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
        Places.Course course = places.course(false);
        Deadline deadline = Deadline.after(settings.whole());
        return new VerifiedStream(new ResumingStream(course, content, deadline, settings.tries()), content, course);
    }

    /// A mirror that gave wrong content is not asked again; the next, or the registry itself, may have the right one.
    @Override
    public boolean mayOpenAgain(VerifiedStream content) {
        if (!(content.origin() instanceof Places.Course course)) {
            return false;
        }
        if (content.isWrong()) {
            places.doubt(course);
        }
        return course.usedMirror();
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

    /// The other repository from which a blob was taken, if it was, when [#has] looked for it.
    public Optional<String> mountedFrom(Digest blob) {
        return Optional.ofNullable(upload.mountedFrom(blob));
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

    @Override
    public int parallelism() {
        return UPLOADS_AT_ONCE;
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
