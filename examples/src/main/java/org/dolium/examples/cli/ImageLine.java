// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.StoredImage;

/// What a list of images says about one of them under one name.
///
/// @param created when, or the beginning of time if it does not say
/// @param values by Docker's names for them
record ImageLine(Instant created, Map<String, String> values) implements ListFormat.Row {
    /// The values, with the headings of their columns.
    static final Map<String, String> KEYS = keys();

    private static final String NONE = "<none>";
    private static final int SHORT = 12;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("Repository", "REPOSITORY");
        keys.put("Tag", "TAG");
        keys.put("Digest", "DIGEST");
        keys.put("ID", "IMAGE ID");
        keys.put("CreatedSince", "CREATED");
        keys.put("CreatedAt", "CREATED AT");
        keys.put("Size", "SIZE");
        return keys;
    }

    /// An image without a name.
    static ImageLine of(StoredImage image, Platform platform, boolean whole, Instant now) {
        Map<String, String> values = new LinkedHashMap<>();
        Instant created = Instant.EPOCH;
        values.put("Repository", NONE);
        values.put("Tag", NONE);
        values.put("Digest", image.root().digest().toString());
        values.put("ID", id(image.root().digest(), whole));
        values.put("CreatedSince", "N/A");
        values.put("CreatedAt", "N/A");
        values.put("Size", "N/A");
        for (Platform candidate : platforms(platform)) {
            try {
                Manifest manifest = image.manifest(candidate);
                String time = image.config(candidate).created();
                values.put("ID", id(manifest.config().digest(), whole));
                values.put("Size", HumanText.size(manifest.layers().stream().mapToLong(Descriptor::size).sum()));
                if (time != null) {
                    created = OffsetDateTime.parse(time).toInstant();
                    values.put("CreatedSince", HumanText.ago(Duration.between(created, now)));
                    values.put("CreatedAt", TIME.format(created));
                }
                break;
            } catch (IOException | DateTimeException e) {
                // it was pulled for another platform
            }
        }
        return new ImageLine(created, values);
    }

    /// This one first, then those for which it may have been pulled.
    private static List<Platform> platforms(Platform own) {
        List<Platform> platforms = new ArrayList<>(List.of(own));
        for (String name : List.of("amd64", "arm64", "arm/v7", "arm/v6", "386", "riscv64", "ppc64le", "s390x")) {
            platforms.add(Platform.parse("linux/" + name));
        }
        return platforms;
    }

    private static String id(Digest digest, boolean whole) {
        return whole ? digest.toString() : digest.hex().substring(0, SHORT);
    }

    /// The same under a name.
    ImageLine named(ImageReference name) {
        Map<String, String> named = new LinkedHashMap<>(values);
        ImageReference bare = new ImageReference(name.registry(), name.repository(), null, null);
        named.put("Repository", bare.familiar());
        named.put("Tag", name.tag() == null ? NONE : name.tag());
        return new ImageLine(created, named);
    }

    @Override
    public String value(String key) {
        return values.getOrDefault(key, "");
    }
}
