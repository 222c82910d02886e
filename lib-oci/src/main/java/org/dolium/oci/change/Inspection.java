// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;

/// What is known of things, printed as `docker inspect` does. A thing is a map of names to values, which are texts, numbers, booleans,
/// null, lists and maps of these.
public final class Inspection {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Inspection() {}

    /// A list of things as JSON, with Docker's indentation.
    public static String json(List<? extends Map<String, ?>> things) {
        return printed(MAPPER.valueToTree(things));
    }

    static String printed(JsonNode tree) {
        DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withSeparators(
                Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER).withArrayEmptySeparator("").withObjectEmptySeparator(""));
        printer.indentArraysWith(indenter);
        printer.indentObjectsWith(indenter);
        try {
            return MAPPER.writer(printer).writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of JSON can be written", e);
        }
    }

    /// A line in the words of Go's templates: `{{.A.B}}`, `{{json .A}}`, `{{len .A}}`, `{{index .A 0}}`, `{{index .A "key"}}` and
    /// `{{join .A ","}}`. There are no pipes, conditions or loops.
    ///
    /// @throws IllegalArgumentException if the template says something else than these
    public static String format(String template, Map<String, ?> thing) {
        return Template.fill(template, MAPPER.valueToTree(thing));
    }
}
