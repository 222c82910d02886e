// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedOptions;
import org.jspecify.annotations.Nullable;

/// A detached container that is about to be: it gets a name and a note of what it was made by.
///
/// @param cidfile what its id is written to, or null
record NewContainer(Containers containers, ContainerOptions options, @Nullable Path cidfile) {
    private static final int TRIES = 20;

    private interface Way {
        DetachedContainer make(ContainerBuilder builder, DetachedOptions options) throws IOException, InterruptedException;
    }

    DetachedContainer start() throws IOException, InterruptedException {
        return make(containers::start);
    }

    DetachedContainer create() throws IOException, InterruptedException {
        return make(containers::create);
    }

    private DetachedContainer make(Way way) throws IOException, InterruptedException {
        if (cidfile != null && Files.exists(cidfile)) {
            throw new FileAlreadyExistsException(cidfile.toString(), null,
                    "container ID file found, make sure the other container isn't running or delete it");
        }
        if (options.name() != null) {
            checkFree(containers, options.name());
        }
        containers.reclaim();
        ContainerBuilder builder = options.builder();
        DetachedOptions noted = options.stored().addTo(DetachedOptions.standard());
        DetachedContainer made = options.name() == null ? called(builder, noted, way) : way.make(builder, noted.name(options.name()));
        if (cidfile != null) {
            Files.writeString(cidfile, made.id(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        return made;
    }

    /// Under a name that nobody else has.
    private DetachedContainer called(ContainerBuilder builder, DetachedOptions noted, Way way) throws IOException, InterruptedException {
        SecureRandom random = new SecureRandom();
        for (int tries = 0; ; tries++) {
            String name = RandomName.next(random, tries);
            if (containers.find(name).isPresent()) {
                continue;
            }
            try {
                return way.make(builder, noted.name(name));
            } catch (IOException e) {
                if (tries == TRIES || containers.find(name).isEmpty()) {
                    throw e;
                } // somebody was faster
            }
        }
    }

    /// @throws IOException as Docker says it, if a container has this name
    static void checkFree(Containers containers, String name) throws IOException {
        Optional<DetachedContainer> other = Found.tryFind(containers, name);
        if (other.isPresent() && other.get().name().equals(name)) {
            throw new IOException("Conflict. The container name \"/" + name + "\" is already in use by container \"" + other.get().id()
                    + "\". You have to remove (or rename) that container to be able to reuse that name.");
        }
    }
}
