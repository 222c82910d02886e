// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.dolium.oci.store.LayerStaging;
import org.dolium.oci.unpack.UnpackReport;

/// Layers that were unpacked before those below them were there, which they have to be like: they say nothing about some directories.
final class LastSteps implements Closeable {
    private final List<Step> steps = new ArrayList<>();

    private record Step(LayerJob job, LayerStaging staging, UnpackReport report) {}

    /// Takes a layer, to be finished by [#take] or closed.
    synchronized void add(LayerJob job, LayerStaging staging, UnpackReport report) {
        steps.add(new Step(job, staging, report));
    }

    /// Finishes the layers, when all that have nothing to wait for are in the store.
    synchronized void take(LayerJob.Place place) throws IOException {
        steps.sort(Comparator.comparingInt(step -> step.job().number()));
        for (Step step : steps) {
            step.staging().inherit(step.report().implied());
            step.job().commit(place, step.staging(), step.report());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        IOException failure = null;
        for (Step step : steps) {
            try {
                LayerJob.closed(step.staging());
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
