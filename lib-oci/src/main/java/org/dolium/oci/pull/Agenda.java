// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.dolium.oci.image.Digest;

/// The jobs of a pull, the longest first. Those with the same blob, as empty layers often are, are done one after the other, so that it
/// is fetched once.
final class Agenda {
    private final Queue<List<LayerJob>> jobs;
    private final int size;

    Agenda(List<LayerJob> all) {
        Map<Digest, List<LayerJob>> byBlob = new LinkedHashMap<>();
        for (LayerJob job : all) {
            byBlob.computeIfAbsent(job.blob().digest(), digest -> new ArrayList<>()).add(job);
        }
        List<List<LayerJob>> sorted = new ArrayList<>(byBlob.values());
        sorted.sort(Comparator.comparingLong(same -> -same.getFirst().blob().size()));
        size = sorted.size();
        jobs = new ConcurrentLinkedQueue<>(sorted);
    }

    /// How many can be done at once.
    int size() {
        return size;
    }

    /// Does jobs until there are no more, or the thread is interrupted.
    void run(LayerJob.Place place) {
        for (List<LayerJob> same = jobs.poll(); same != null; same = jobs.poll()) {
            for (LayerJob job : same) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                job.run(place);
            }
        }
    }
}
