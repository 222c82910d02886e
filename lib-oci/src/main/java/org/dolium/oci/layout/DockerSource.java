// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.json.JsonPlace;

/// A Docker archive that is read. A layer that is not compressed has the digest that the configuration says; others are hashed once
/// when the archive is opened.
final class DockerSource implements ImageSource {
    private final ImageFiles files;
    private final Map<Digest, byte[]> documents = new HashMap<>();
    private final Map<Digest, String> paths = new HashMap<>();
    private final Map<String, Descriptor> names = new LinkedHashMap<>();
    private final List<Descriptor> images = new ArrayList<>();

    DockerSource(ImageFiles files) throws IOException {
        this.files = files;
        byte[] table = files.read("manifest.json", ImageDocument.LIMIT);
        if (table == null) {
            throw new WrongContentException(files.origin() + " is no archive of Docker 1.10 or later: it has no manifest.json");
        }
        try {
            for (DockerTable.Image image : DockerTable.read(table)) {
                add(image);
            }
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(files.origin() + ": " + e.getMessage(), e);
        }
    }

    private void add(DockerTable.Image image) throws IOException {
        byte[] bytes = files.read(image.config(), ImageConfig.LIMIT);
        if (bytes == null) {
            throw missing(image.config());
        }
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, bytes);
        if (!image.config().contains(config.digest().hex()) && namesDigest(image.config())) {
            throw new WrongContentException("'" + image.config() + "' in " + files.origin() + " has the digest " + config.digest());
        }
        paths.put(config.digest(), image.config());
        List<Digest> diffIds = ImageConfig.parse(bytes).diffIds();
        if (diffIds.size() != image.layers().size()) {
            throw new WrongContentException(files.origin() + " has an image with " + image.layers().size()
                    + " layers, whose configuration has digests of " + diffIds.size());
        }
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            layers.add(layer(image.layers().get(i), diffIds.get(i)));
        }
        publish(Manifest.of(config, layers).toJson(), image.tags());
    }

    private static boolean namesDigest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).replace(".json", "");
        return name.length() == 64 && name.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    private void publish(byte[] manifest, List<ImageReference> tags) throws IOException {
        Descriptor root = Descriptor.of(MediaTypes.OCI_MANIFEST, manifest);
        documents.put(root.digest(), manifest);
        images.add(root);
        for (ImageReference tag : tags) {
            if (names.putIfAbsent(tag.withDefaultTag().toString(), root) != null) {
                throw new WrongContentException(files.origin() + " has two images with the name " + tag);
            }
        }
    }

    private Descriptor layer(String path, Digest diffId) throws IOException {
        ImageFiles.Content content = files.open(path);
        if (content == null) {
            throw missing(path);
        }
        try (InputStream in = content.in()) {
            String type = LayerType.of(in.readNBytes(4));
            Digest digest = type.equals(MediaTypes.OCI_LAYER) ? diffId : hash(path);
            paths.put(digest, path);
            return Descriptor.of(type, digest, content.size());
        }
    }

    private Digest hash(String path) throws IOException {
        ImageFiles.Content content = files.open(path);
        if (content == null) {
            throw missing(path);
        }
        try (InputStream in = content.in()) {
            return Digest.of(in);
        }
    }

    private IOException missing(String path) {
        return new WrongContentException(files.origin() + " has no '" + JsonPlace.shown(path, 200) + "', which its manifest.json names");
    }

    List<Descriptor> images() {
        return List.copyOf(images);
    }

    List<ImageReference> names() {
        List<ImageReference> references = new ArrayList<>();
        for (String name : names.keySet()) {
            references.add(ImageReference.parse(name));
        }
        return references;
    }

    @Override
    public Descriptor resolve(String name) throws IOException {
        if (name.isEmpty() && images.size() == 1) {
            return images.get(0);
        }
        Descriptor image =
                name.isEmpty() ? null : names.get(ImageReference.parse(name).withDefaultTag().toString());
        if (image == null) {
            throw new IOException(files.origin() + " has " + images.size() + " images, and none that '" + JsonPlace.shown(name, 200)
                    + "' names; names are " + (names.isEmpty() ? "none" : String.join(", ", names.keySet())));
        }
        return image;
    }

    @Override
    public VerifiedStream open(Descriptor content) throws IOException {
        byte[] document = documents.get(content.digest());
        if (document != null) {
            return Contents.stream(content, document);
        }
        String path = paths.get(content.digest());
        ImageFiles.Content file = path == null ? null : files.open(path);
        if (file == null) {
            throw new NoSuchFileException(content.digest().toString(), null, "it is not in " + files.origin());
        }
        return new VerifiedStream(file.in(), content, files.origin());
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
