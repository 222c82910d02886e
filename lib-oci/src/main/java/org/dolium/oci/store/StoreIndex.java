// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;
import org.jspecify.annotations.Nullable;

/// The names of a store, as its `index.json` has them: an entry for each name, which is a whole reference, and an entry without a name
/// for an image that has none. A value.
///
/// @param index the document
record StoreIndex(Index index) {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    static StoreIndex read(OpenFile file) throws IOException {
        try (InputStream in = file.content()) {
            return new StoreIndex((Index) ImageDocument.parse(in.readNBytes(ImageDocument.LIMIT + 1), MediaTypes.OCI_INDEX));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /// Makes these the names of a store. Its lock is held, exclusively.
    void write(StoreFiles files) throws IOException {
        byte[] json = index.toJson();
        if (json.length > ImageDocument.LIMIT) {
            throw new IOException("the names of all images in " + files.root() + " are longer than " + ImageDocument.LIMIT + " bytes");
        }
        Work.replace(files, StoreFiles.INDEX, json);
    }

    /// The form in which names are kept: with a tag or a digest.
    static ImageReference whole(ImageReference name) {
        return name.withDefaultTag();
    }

    private static @Nullable ImageReference name(Descriptor entry) {
        String name = entry.annotations().get(CONTAINERD_NAME);
        try {
            return name == null ? null : whole(ImageReference.parse(name));
        } catch (IllegalArgumentException e) {
            return null; // somebody else's, and no name here
        }
    }

    private static Descriptor unnamed(Descriptor entry) {
        Map<String, String> annotations = new LinkedHashMap<>(entry.annotations());
        annotations.remove(REF_NAME);
        annotations.remove(CONTAINERD_NAME);
        return entry.withAnnotations(annotations);
    }

    private static Descriptor named(Descriptor root, ImageReference name) {
        Map<String, String> annotations = new LinkedHashMap<>(unnamed(root).annotations());
        annotations.put(REF_NAME, name.toString());
        annotations.put(CONTAINERD_NAME, name.toString());
        return root.withAnnotations(annotations);
    }

    /// What a name stands for. A digest decides: then any name of the same repository that stands for it will do.
    @Nullable Descriptor find(ImageReference reference) {
        ImageReference wanted = whole(reference);
        for (Descriptor entry : index.manifests()) {
            ImageReference name = name(entry);
            if (name == null) {
                continue;
            }
            boolean same = wanted.digest() == null
                    ? name.equals(wanted)
                    : name.name().equals(wanted.name()) && entry.digest().equals(wanted.digest());
            if (same) {
                return unnamed(entry);
            }
        }
        return null;
    }

    /// The images, each once, in the order of their first names.
    Map<Digest, List<ImageReference>> names() {
        Map<Digest, List<ImageReference>> names = new LinkedHashMap<>();
        for (Descriptor entry : index.manifests()) {
            List<ImageReference> own = names.get(entry.digest());
            if (own == null) {
                own = new ArrayList<>();
                names.put(entry.digest(), own);
            }
            ImageReference name = name(entry);
            if (name != null && !own.contains(name)) {
                own.add(name);
            }
        }
        return names;
    }

    /// The documents, each once.
    List<Descriptor> roots() {
        Map<Digest, Descriptor> roots = new LinkedHashMap<>();
        for (Descriptor entry : index.manifests()) {
            roots.putIfAbsent(entry.digest(), unnamed(entry));
        }
        return List.copyOf(roots.values());
    }

    /// With more names for a document, which mean nothing else then. What they meant stays, without a name if it has no other.
    StoreIndex with(Descriptor root, List<ImageReference> added) throws IOException {
        List<Descriptor> entries = new ArrayList<>();
        List<Descriptor> losers = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            ImageReference name = name(entry);
            if (name != null && added.contains(name)) {
                losers.add(entry);
            } else if (name != null || !entry.digest().equals(root.digest())) {
                entries.add(entry);
            }
        }
        for (ImageReference name : added) {
            entries.add(named(root, name));
        }
        addUnnamed(entries, losers);
        addUnnamed(entries, List.of(root));
        return with(entries);
    }

    private static void addUnnamed(List<Descriptor> entries, List<Descriptor> images) {
        for (Descriptor image : images) {
            boolean known = false;
            for (Descriptor entry : entries) {
                known |= entry.digest().equals(image.digest());
            }
            if (!known) {
                entries.add(unnamed(image));
            }
        }
    }

    /// Without a name; an image that had only this one is gone.
    StoreIndex without(ImageReference removed) throws IOException {
        List<Descriptor> entries = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            if (!whole(removed).equals(name(entry))) {
                entries.add(entry);
            }
        }
        return with(entries);
    }

    /// Without an image.
    StoreIndex without(Digest root) throws IOException {
        List<Descriptor> entries = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            if (!entry.digest().equals(root)) {
                entries.add(entry);
            }
        }
        return with(entries);
    }

    /// Without images that have no name.
    StoreIndex onlyNamed(Set<Digest> alsoKept) throws IOException {
        List<Descriptor> entries = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            if (name(entry) != null || alsoKept.contains(entry.digest())) {
                entries.add(entry);
            }
        }
        return with(entries);
    }

    private StoreIndex with(List<Descriptor> entries) throws IOException {
        if (entries.size() > Index.MOST_MANIFESTS) {
            throw new IOException("a store has at most " + Index.MOST_MANIFESTS + " names; remove some");
        }
        return new StoreIndex(new Index(
                index.mediaType(), index.artifactType(), entries, index.subject(), index.annotations(), index.more()));
    }
}
