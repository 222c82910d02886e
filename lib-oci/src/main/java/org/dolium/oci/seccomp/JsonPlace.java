// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value in a JSON text and where it is. Every wrong kind of value is an error that names the place.
///
/// @param path such as `$.syscalls[2].action`
record JsonPlace(String path, JsonNode node) {
    private static final int DEPTH = 16;
    private static final int SHOWN = 60;
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH)
                            .maxNumberLength(24)
                            .maxNameLength(256)
                            .maxStringLength(4096)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// The value of a whole text.
    ///
    /// @throws IllegalArgumentException if it is no JSON, has a key twice, or is nested too deeply
    static JsonPlace parse(String text) {
        try {
            JsonNode node = STRICT.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new IllegalArgumentException("the seccomp profile is empty");
            }
            return new JsonPlace("$", node);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException(
                    "the seccomp profile is no valid JSON" + place + ": " + shown(e.getOriginalMessage(), 200), e);
        }
    }

    /// The text, shortened and without anything that a terminal would act on.
    static String shown(String text, int most) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < most; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.length() > most ? out.append("...").toString() : out.toString();
    }

    IllegalArgumentException error(String problem) {
        return new IllegalArgumentException("the seccomp profile: " + path + " " + problem);
    }

    /// A problem with a value that is shown.
    IllegalArgumentException unknown(String what) {
        return error("is '" + shown(node.asText(), SHOWN) + "', which is " + what);
    }

    /// Makes sure that it is an object with no other keys than these.
    JsonPlace object(Set<String> keys) {
        if (!node.isObject()) {
            throw error("is no object");
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!keys.contains(name)) {
                throw error("has the unknown key '" + shown(name, SHOWN) + "'");
            }
        }
        return this;
    }

    /// The value of a key, or null if it is not there or is `null`.
    @Nullable JsonPlace find(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : new JsonPlace(path + "." + key, value);
    }

    JsonPlace get(String key) {
        JsonPlace value = find(key);
        if (value == null) {
            throw error("has no '" + key + "'");
        }
        return value;
    }

    /// The values of the array of a key; none if it is not there.
    List<JsonPlace> all(String key) {
        JsonPlace array = find(key);
        List<JsonPlace> values = new ArrayList<>();
        if (array != null) {
            if (!array.node.isArray()) {
                throw array.error("is no array");
            }
            for (int i = 0; i < array.node.size(); i++) {
                values.add(new JsonPlace(array.path + "[" + i + "]", array.node.get(i)));
            }
        }
        return values;
    }

    String text() {
        if (!node.isTextual()) {
            throw error("is no string");
        }
        return node.textValue();
    }

    /// A number from 0 to `most`.
    int integer(int most) {
        long value = unsigned();
        if (value < 0 || value > most) {
            throw error("is not from 0 to " + most);
        }
        return (int) value;
    }

    /// A number of 64 bits without a sign.
    long unsigned() {
        if (!node.isIntegralNumber()) {
            throw error("is no whole number");
        }
        BigInteger value = node.bigIntegerValue();
        if (value.signum() < 0 || value.compareTo(MOST) > 0) {
            throw error("is not from 0 to 2^64-1");
        }
        return value.longValue();
    }
}
