// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// What a blob is and how it is verified: type, digest and size.
///
/// @param mediaType what kind of content it is
/// @param digest its name
/// @param size its length in bytes
/// @param urls where else it may be; Dolium never downloads from there
/// @param annotations remarks, without an effect
/// @param data the content itself in Base64; it is verified when a descriptor is made
/// @param artifactType the kind of artifact, where it is the manifest of one
/// @param platform what the image needs, where it is in an index
/// @param more members that the specification doesn't have, as JSON
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        List<String> urls,
        Map<String, String> annotations,
        @Nullable String data,
        @Nullable String artifactType,
        @Nullable Platform platform,
        Map<String, String> more) {
    /// @throws IllegalArgumentException if the media type is none, the size is negative, or the data is something else
    public Descriptor {
        urls = List.copyOf(urls);
        annotations = Ordered.copyOf(annotations);
        more = Ordered.copyOf(more);
        checkMediaType(mediaType);
        if (artifactType != null) {
            checkMediaType(artifactType);
        }
        if (size < 0) {
            throw new IllegalArgumentException("the size " + size + " is negative");
        }
        if (data != null) {
            checkData(data, digest, size);
        }
    }

    /// A descriptor with what every one has.
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, List.of(), Map.of(), null, null, null, Map.of());
    }

    /// The descriptor of these bytes, with SHA-256.
    public static Descriptor of(String mediaType, byte[] content) {
        return of(mediaType, Digest.of(content), content.length);
    }

    /// The same with these remarks and no others.
    public Descriptor withAnnotations(Map<String, String> remarks) {
        return new Descriptor(mediaType, digest, size, urls, remarks, data, artifactType, platform, more);
    }

    /// The same for a platform.
    public Descriptor withPlatform(@Nullable Platform needed) {
        return new Descriptor(mediaType, digest, size, urls, annotations, data, artifactType, needed, more);
    }

    /// Only type, digest and size, which say what is read.
    public Descriptor bare() {
        return of(mediaType, digest, size);
    }

    /// The content, if the descriptor brings it along.
    public byte @Nullable [] content() {
        return data == null ? null : Base64.getDecoder().decode(data);
    }

    private static void checkData(String data, Digest digest, long size) {
        byte[] content;
        try {
            content = Base64.getDecoder().decode(data);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the data is not Base64", e);
        }
        if (content.length != size || !digest.matches(content)) {
            throw new IllegalArgumentException("the data is not what " + digest + " with " + size + " bytes names");
        }
    }

    /// The characters of RFC 6838, with a slash in the middle; nothing that would end a line of HTTP.
    private static void checkMediaType(String type) {
        int slash = type.indexOf('/');
        boolean good = slash > 0 && slash < type.length() - 1 && type.length() <= 255;
        for (int i = 0; i < type.length(); i++) {
            char c = type.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            good &= letter || i == slash || "!#$&-^_.+".indexOf(c) >= 0;
        }
        if (!good) {
            throw new IllegalArgumentException("'" + JsonPlace.shown(type, 80) + "' is no media type");
        }
    }
}
