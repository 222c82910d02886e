// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;

/// Names of images in `index.json`: the specification's annotation, and containerd's for whole references.
final class LayoutNames {
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    static final String CONTAINERD_NAME = "io.containerd.image.name";
    static final String VERSION_FILE = "{\"imageLayoutVersion\":\"1.0.0\"}";
    private static final JsonFormat FORMAT = new JsonFormat("oci-layout", 16, 256, 4096, 1000);

    private LayoutNames() {}

    static void checkVersion(ImageFiles files) throws IOException {
        byte[] bytes = files.read("oci-layout", 4096);
        if (bytes == null) {
            throw new WrongContentException(files.origin() + " is no layout of images: it has no file oci-layout");
        }
        try {
            JsonPlace version = FORMAT.parse(bytes, 4096).object().get("imageLayoutVersion");
            if (!version.text().equals("1.0.0")) {
                throw version.unknown("not 1.0.0, the only version that is supported");
            }
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(files.origin() + ": " + e.getMessage(), e);
        }
    }

    /// The names of an entry.
    static List<String> names(Descriptor entry) {
        List<String> names = new ArrayList<>();
        for (String key : List.of(CONTAINERD_NAME, REF_NAME)) {
            String name = entry.annotations().get(key);
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    static String list(List<Descriptor> entries) {
        TreeSet<String> names = new TreeSet<>();
        for (Descriptor entry : entries) {
            List<String> own = names(entry);
            names.add(JsonPlace.shown(own.isEmpty() ? "one without a name" : own.get(0), 200));
        }
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /// The entry as a descriptor of its document: names belong to the layout.
    static Descriptor unnamed(Descriptor entry) {
        Map<String, String> annotations = new LinkedHashMap<>(entry.annotations());
        annotations.remove(REF_NAME);
        annotations.remove(CONTAINERD_NAME);
        return entry.withAnnotations(annotations);
    }

    /// The index with a document under these names, which mean nothing else any more. A name that is a whole reference is written as
    /// containerd does it, with the tag alone as the name of the specification.
    static Index with(Index index, Descriptor root, List<String> names) {
        List<Descriptor> entries = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            boolean replaced = entry.digest().equals(root.digest()) && names(entry).isEmpty();
            for (String name : names) {
                replaced |= key(entry).equals(key(named(root, name)));
            }
            if (!replaced) {
                entries.add(entry);
            }
        }
        for (String name : names) {
            entries.add(named(root, name));
        }
        if (names.isEmpty() && entries.stream().noneMatch(entry -> entry.digest().equals(root.digest()))) {
            entries.add(unnamed(root));
        }
        return new Index(
                index.mediaType(), index.artifactType(), entries, index.subject(), index.annotations(), index.more());
    }

    /// The documents with a name: as their first name, or if there is none, as the tag that stands beside containerd's name. All of
    /// them if the name is empty.
    static List<Descriptor> find(List<Descriptor> entries, String name) {
        List<Descriptor> found = new ArrayList<>();
        for (Descriptor entry : entries) {
            if (name.isEmpty() || key(entry).equals(name)) {
                add(found, entry);
            }
        }
        for (Descriptor entry : found.isEmpty() ? entries : List.<Descriptor>of()) {
            if (names(entry).contains(name)) {
                add(found, entry);
            }
        }
        return found;
    }

    private static void add(List<Descriptor> found, Descriptor entry) {
        if (found.stream().noneMatch(other -> other.digest().equals(entry.digest()))) {
            found.add(entry);
        }
    }

    private static String key(Descriptor entry) {
        List<String> names = names(entry);
        return names.isEmpty() ? "" : names.get(0);
    }

    private static Descriptor named(Descriptor root, String name) {
        Map<String, String> annotations = new LinkedHashMap<>(unnamed(root).annotations());
        if (name.indexOf('/') >= 0 || name.indexOf(':') >= 0) {
            ImageReference reference = ImageReference.parse(name).withDefaultTag();
            annotations.put(CONTAINERD_NAME, reference.toString());
            annotations.put(REF_NAME, reference.tag() == null ? reference.version() : reference.tag());
        } else {
            annotations.put(REF_NAME, ImageReference.parse("x:" + name).version());
        }
        return root.withAnnotations(annotations);
    }
}
