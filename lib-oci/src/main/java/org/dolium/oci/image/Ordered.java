// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Maps and sets that keep the order of what was read.
final class Ordered {
    private Ordered() {}

    static <V> Map<String, V> copyOf(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
