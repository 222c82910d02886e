// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.RunConfig;
import org.jspecify.annotations.Nullable;

/// What is known of an image, in the shape of `docker image inspect`.
public final class ImageInspection {
    private final ObjectNode image;

    private ImageInspection(ObjectNode image) {
        this.image = image;
    }

    /// @param root the document that stands for it
    /// @param names its names here
    public static ImageInspection of(Descriptor root, Manifest manifest, ImageConfig config, List<ImageReference> names) {
        ObjectNode image = JsonNodeFactory.instance.objectNode();
        image.put("Id", manifest.config().digest().toString());
        ArrayNode tags = image.putArray("RepoTags");
        ArrayNode digests = image.putArray("RepoDigests");
        for (ImageReference name : names) {
            if (name.digest() == null) {
                tags.add(name.familiar());
            }
            String familiar = new ImageReference(name.registry(), name.repository(), null, root.digest()).familiar();
            if (!contains(digests, familiar)) {
                digests.add(familiar);
            }
        }
        image.put("Comment", config.history().isEmpty() ? "" : orEmpty(config.history().getLast().comment()));
        image.put("Created", orEmpty(config.created()));
        image.put("Author", orEmpty(config.author()));
        image.set("Config", run(config.config()));
        image.put("Architecture", config.platform().architecture());
        if (config.platform().variant() != null) {
            image.put("Variant", config.platform().variant());
        }
        image.put("Os", config.platform().os());
        image.put("Size", size(manifest));
        ObjectNode rootfs = image.putObject("RootFS").put("Type", "layers");
        ArrayNode layers = rootfs.putArray("Layers");
        for (Digest diffId : config.diffIds()) {
            layers.add(diffId.toString());
        }
        ObjectNode descriptor = image.putObject("Descriptor");
        descriptor.put("mediaType", root.mediaType()).put("digest", root.digest().toString()).put("size", root.size());
        return new ImageInspection(image);
    }

    private static boolean contains(ArrayNode array, String text) {
        for (JsonNode one : array) {
            if (one.textValue().equals(text)) {
                return true;
            }
        }
        return false;
    }

    /// How many bytes its layers have as they are stored.
    public static long size(Manifest manifest) {
        long size = 0;
        for (Descriptor layer : manifest.layers()) {
            size += layer.size();
        }
        return size;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static ObjectNode run(RunConfig run) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("User", orEmpty(run.user()));
        set(config, "ExposedPorts", run.exposedPorts());
        list(config, "Env", run.env());
        list(config, "Cmd", run.cmd());
        if (run.healthcheck() != null) {
            RunConfig.Healthcheck health = run.healthcheck();
            ObjectNode check = config.putObject("Healthcheck");
            list(check, "Test", health.test());
            some(check, "Interval", health.interval());
            some(check, "Timeout", health.timeout());
            some(check, "StartPeriod", health.startPeriod());
            some(check, "StartInterval", health.startInterval());
            some(check, "Retries", health.retries());
        }
        set(config, "Volumes", run.volumes());
        config.put("WorkingDir", orEmpty(run.workingDirectory()));
        list(config, "Entrypoint", run.entrypoint());
        list(config, "OnBuild", run.onBuild());
        if (run.labels().isEmpty()) {
            config.putNull("Labels");
        } else {
            run.labels().forEach(config.putObject("Labels")::put);
        }
        if (run.stopSignal() != null) {
            config.put("StopSignal", run.stopSignal());
        }
        if (!run.shell().isEmpty()) {
            list(config, "Shell", run.shell());
        }
        return config;
    }

    private static void set(ObjectNode object, String key, Collection<String> values) {
        if (!values.isEmpty()) {
            values.forEach(object.putObject(key)::putObject);
        }
    }

    private static void list(ObjectNode object, String key, List<String> values) {
        if (values.isEmpty()) {
            object.putNull(key);
        } else {
            values.forEach(object.putArray(key)::add);
        }
    }

    private static void some(ObjectNode object, String key, long value) {
        if (value != 0) {
            object.put(key, value);
        }
    }

    /// A list of them as JSON, with Docker's indentation.
    public static String json(List<ImageInspection> inspections) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        inspections.forEach(inspection -> all.add(inspection.image));
        return Inspection.printed(all);
    }

    /// A line in the words of Go's templates, as `{{.Id}}` or `{{json .Config}}`; see [Template].
    ///
    /// @throws IllegalArgumentException if the template says something else than these
    public String format(String template) {
        return Template.fill(template, image);
    }
}
