// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value in a JSON text and where it is. Every wrong kind of value is an error that names the place.
///
/// @param what what errors call the text
/// @param path such as `$.syscalls[2].action`
/// @param node the value
public record JsonPlace(String what, String path, JsonNode node) {
    private static final int SHOWN = 60;
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /// The text, shortened and without anything that a terminal would act on.
    public static String shown(String text, int most) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < most; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.length() > most ? out.append("...").toString() : out.toString();
    }

    public IllegalArgumentException error(String problem) {
        return new IllegalArgumentException(what + ": " + shown(path, 200) + " " + problem);
    }

    /// A problem with a value that is shown.
    public IllegalArgumentException unknown(String is) {
        return error("is '" + shown(node.asText(), SHOWN) + "', which is " + is);
    }

    /// Makes sure that it is an object with no other keys than these.
    public JsonPlace object(Set<String> keys) {
        for (String name : object().names()) {
            if (!keys.contains(name)) {
                throw error("has the unknown key '" + shown(name, SHOWN) + "'");
            }
        }
        return this;
    }

    /// Makes sure that it is an object.
    public JsonPlace object() {
        if (!node.isObject()) {
            throw error("is no object");
        }
        return this;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(node.size());
        for (Iterator<String> all = node.fieldNames(); all.hasNext(); ) {
            names.add(all.next());
        }
        return names;
    }

    /// The members of an object whose keys are not among these, each as JSON. A key that differs from one of these in its
    /// case only is an error: there are readers that take one for the other.
    public Map<String, String> others(Set<String> keys) {
        Map<String, String> others = new LinkedHashMap<>();
        for (String name : object().names()) {
            if (!keys.contains(name)) {
                for (String key : keys) {
                    if (key.equalsIgnoreCase(name)) {
                        throw error("has the key '" + shown(name, SHOWN) + "', which some take for '" + key + "'");
                    }
                }
                others.put(name, node.get(name).toString());
            }
        }
        return others;
    }

    public JsonPlace element(int index) {
        return new JsonPlace(what, path + "[" + index + "]", node.get(index));
    }

    JsonPlace member(String key, JsonNode value) {
        return new JsonPlace(what, path + "." + key, value);
    }

    /// The value of a key, or null if it is not there or is `null`.
    public @Nullable JsonPlace find(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : member(key, value);
    }

    public JsonPlace get(String key) {
        JsonPlace value = find(key);
        if (value == null) {
            throw error("has no '" + key + "'");
        }
        return value;
    }

    /// The values of the array of a key; none if it is not there.
    public List<JsonPlace> all(String key) {
        return all(key, Integer.MAX_VALUE);
    }

    /// The values, at most so many, of the array of a key; none if it is not there.
    public List<JsonPlace> all(String key, int most) {
        JsonPlace array = find(key);
        return array == null ? List.of() : array.elements(most);
    }

    /// The values of an array.
    public List<JsonPlace> elements(int most) {
        if (!node.isArray()) {
            throw error("is no array");
        }
        if (node.size() > most) {
            throw error("has more than " + most + " elements");
        }
        List<JsonPlace> values = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            values.add(element(i));
        }
        return values;
    }

    /// The strings of the array of a key; none if it is not there.
    public List<String> texts(String key, int most) {
        List<String> texts = new ArrayList<>();
        for (JsonPlace value : all(key, most)) {
            texts.add(value.text());
        }
        return texts;
    }

    /// The object of a key, in its order; nothing if it is not there.
    public Map<String, JsonPlace> members(String key, int most) {
        JsonPlace object = find(key);
        Map<String, JsonPlace> members = new LinkedHashMap<>();
        if (object != null) {
            for (String name : object.object().names()) {
                members.put(name, object.member(name, object.node.get(name)));
            }
            if (members.size() > most) {
                throw object.error("has more than " + most + " keys");
            }
        }
        return members;
    }

    /// The strings by key in the object of a key; none if it is not there.
    public Map<String, String> textMap(String key, int most) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonPlace> member : members(key, most).entrySet()) {
            texts.put(member.getKey(), member.getValue().text());
        }
        return texts;
    }

    public String text() {
        if (!node.isTextual()) {
            throw error("is no string");
        }
        return node.textValue();
    }

    /// The string of a key, or null if it is not there.
    public @Nullable String findText(String key) {
        JsonPlace value = find(key);
        return value == null ? null : value.text();
    }

    /// The truth of a key; false if it is not there.
    public boolean flag(String key) {
        JsonPlace value = find(key);
        if (value != null && !value.node.isBoolean()) {
            throw value.error("is neither true nor false");
        }
        return value != null && value.node.booleanValue();
    }

    /// A number from 0 to `most`.
    public int integer(int most) {
        long value = unsigned();
        if (value < 0 || value > most) {
            throw error("is not from 0 to " + most);
        }
        return (int) value;
    }

    /// A whole number from `least` to `most`, written without fraction or exponent.
    public long whole(long least, long most) {
        if (!node.isIntegralNumber()) {
            throw error("is no whole number");
        }
        if (!node.canConvertToLong() || node.longValue() < least || node.longValue() > most) {
            throw error("is not from " + least + " to " + most);
        }
        return node.longValue();
    }

    /// A number of 64 bits without a sign.
    public long unsigned() {
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
