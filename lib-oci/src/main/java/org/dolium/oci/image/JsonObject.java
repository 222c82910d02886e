// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An object of JSON that is being written; what is absent or empty is left out.
record JsonObject(ObjectNode node) {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    JsonObject() {
        this(MAPPER.createObjectNode());
    }

    JsonObject text(String key, @Nullable String value) {
        if (value != null) {
            node.put(key, value);
        }
        return this;
    }

    JsonObject number(String key, long value) {
        node.put(key, value);
        return this;
    }

    JsonObject some(String key, long value) {
        return value == 0 ? this : number(key, value);
    }

    JsonObject flag(String key, boolean value) {
        if (value) {
            node.put(key, true);
        }
        return this;
    }

    JsonObject texts(String key, List<String> values) {
        if (!values.isEmpty()) {
            values.forEach(node.putArray(key)::add);
        }
        return this;
    }

    JsonObject map(String key, Map<String, String> values) {
        if (!values.isEmpty()) {
            values.forEach(node.putObject(key)::put);
        }
        return this;
    }

    JsonObject set(String key, Set<String> values) {
        if (!values.isEmpty()) {
            values.forEach(node.putObject(key)::putObject);
        }
        return this;
    }

    JsonObject object(String key, @Nullable JsonObject value) {
        if (value != null) {
            node.set(key, value.node);
        }
        return this;
    }

    JsonObject objects(String key, List<JsonObject> values) {
        ArrayNode array = node.putArray(key);
        for (JsonObject value : values) {
            array.add(value.node);
        }
        return this;
    }

    /// Adds what is JSON already.
    JsonObject more(Map<String, String> members) {
        for (Map.Entry<String, String> member : members.entrySet()) {
            if (!node.has(member.getKey())) {
                node.set(member.getKey(), parse(member.getValue()));
            }
        }
        return this;
    }

    private static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the additional member is no JSON", e);
        }
    }

    byte[] bytes() {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of JSON can be written", e);
        }
    }
}
