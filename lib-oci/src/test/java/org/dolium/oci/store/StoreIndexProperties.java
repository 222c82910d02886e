// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;

/// The names of a store after any changes are those of a simple map.
class StoreIndexProperties {
    private static final int NAMES = 5;
    private static final int IMAGES = 4;

    private final Map<ImageReference, Digest> named = new HashMap<>();
    private final Set<Digest> images = new HashSet<>();

    private static Descriptor image(int number) {
        return Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[number % IMAGES + 1]);
    }

    private static ImageReference name(int number) {
        return ImageReference.parse("x.y/name:" + number % NAMES);
    }

    @Property(tries = 300)
    void names_are_those_of_a_map(@ForAll @Size(max = 30) List<@IntRange(min = 0, max = 10_000) Integer> changes) throws IOException {
        named.clear();
        images.clear();
        StoreIndex index = new StoreIndex(Index.of(List.of()));
        for (int change : changes) {
            index = changed(index, change % 5, change / 5);
            index = new StoreIndex((Index) ImageDocument.parse(index.index().toJson(), MediaTypes.OCI_INDEX));
            same(index);
        }
    }

    private StoreIndex changed(StoreIndex index, int kind, int number) throws IOException {
        Descriptor image = image(number / 7);
        switch (kind) {
            case 0:
                images.add(image.digest());
                return index.with(image, List.of());
            case 1:
                Digest was = named.remove(name(number));
                if (was != null && !named.containsValue(was)) {
                    images.remove(was);
                }
                return index.without(name(number));
            case 2:
                named.values().removeIf(image.digest()::equals);
                images.remove(image.digest());
                return index.without(image.digest());
            case 3:
                images.retainAll(named.values());
                return index.onlyNamed(Set.of());
            default:
                named.put(name(number), image.digest());
                named.put(name(number + 1), image.digest());
                images.add(image.digest());
                return index.with(image, List.of(name(number), name(number + 1)));
        }
    }

    private void same(StoreIndex index) {
        Set<Digest> found = new HashSet<>();
        for (Descriptor root : index.roots()) {
            assertThat(found.add(root.digest())).as("each once").isTrue();
            assertThat(root.annotations()).isEmpty();
        }
        assertThat(found).isEqualTo(images).containsAll(named.values());
        for (int i = 0; i < NAMES; i++) {
            Descriptor root = index.find(name(i));
            assertThat(root == null ? null : root.digest()).isEqualTo(named.get(name(i)));
        }
        List<ImageReference> all = new ArrayList<>();
        index.names().values().forEach(all::addAll);
        assertThat(all).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(named.keySet());
    }
}
