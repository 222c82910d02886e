// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/// How texts of one kind are read: what errors call them, and their limits. A key twice in an object, anything behind the
/// value, and anything that is not plain JSON are errors.
public final class JsonFormat {
    private final String what;
    private final JsonMapper mapper;

    /// @param what what errors call the text
    /// @param depth how deeply values may be nested
    /// @param names the longest key, in characters
    /// @param strings the longest string, in characters
    /// @param tokens how many values, keys and brackets there may be
    public JsonFormat(String what, int depth, int names, int strings, long tokens) {
        this.what = what;
        mapper = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(depth)
                                .maxNumberLength(24)
                                .maxNameLength(names)
                                .maxStringLength(strings)
                                .maxTokenCount(tokens)
                                .build())
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

    /// The value of a whole text.
    ///
    /// @throws IllegalArgumentException if it is no JSON, has a key twice, or is over a limit
    public JsonPlace parse(String text) {
        try {
            JsonNode node = mapper.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new IllegalArgumentException(what + " is empty");
            }
            return new JsonPlace(what, "$", node);
        } catch (NumberFormatException e) { // an exponent of more digits than a BigDecimal has
            throw new IllegalArgumentException(what + " is no valid JSON: it has a number that can't be represented", e);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
            throw new IllegalArgumentException( // without the cause, which has what is wrong as it is
                    what + " is no valid JSON" + place + ": " + JsonPlace.shown(e.getOriginalMessage(), 200));
        }
    }

    /// The value of a whole text in UTF-8, without a byte order mark, in which every string is Unicode: no half of a surrogate
    /// pair, which others read as another character.
    ///
    /// @throws IllegalArgumentException also if it has more than `most` bytes
    public JsonPlace parse(byte[] text, int most) {
        if (text.length > most) {
            throw new IllegalArgumentException(what + " is larger than " + most + " bytes");
        }
        try {
            JsonPlace place = parse(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString());
            checkUnicode(place);
            return place;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " is not UTF-8", e);
        }
    }

    private static void checkUnicode(JsonPlace place) {
        JsonNode node = place.node();
        if (node.isTextual() && !isUnicode(node.textValue())) {
            throw place.error("is no Unicode text");
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            checkUnicode(place.element(i));
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!isUnicode(name)) {
                throw place.error("has a key that is no Unicode text");
            }
            checkUnicode(place.member(name, node.get(name)));
        }
    }

    private static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean pair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
