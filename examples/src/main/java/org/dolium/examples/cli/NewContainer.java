// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.dolium.container.AfterEnd;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedOptions;
import org.jspecify.annotations.Nullable;

/// A detached container that is about to be: it gets a name and a note of what it was made by.
///
/// @param limit how long a run may take, or null for no limit
/// @param cidfile what its id is written to, or null
record NewContainer(Containers containers, ContainerOptions options, @Nullable Duration limit, @Nullable Path cidfile) {
    private static final int TRIES = 20;

    /// What is done with what it is made of.
    interface Way {
        DetachedContainer make(ContainerBuilder builder, DetachedOptions options) throws IOException, InterruptedException;
    }

    DetachedContainer start() throws IOException, InterruptedException {
        return make(containers::start);
    }

    DetachedContainer create() throws IOException, InterruptedException {
        return make(containers::create);
    }

    DetachedContainer make(Way way) throws IOException, InterruptedException {
        if (cidfile == null) {
            return makeIt(way);
        }
        try {
            Files.createFile(cidfile); // what keeps the id from being written must be known before
        } catch (FileAlreadyExistsException e) {
            throw new FileAlreadyExistsException(cidfile.toString(), null,
                    "container ID file found, make sure the other container isn't running or delete it");
        }
        DetachedContainer made;
        try {
            made = makeIt(way);
        } catch (IOException | InterruptedException | RuntimeException e) {
            Files.deleteIfExists(cidfile);
            throw e;
        }
        Files.writeString(cidfile, made.id(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        return made;
    }

    private DetachedContainer makeIt(Way way) throws IOException, InterruptedException {
        if (options.name() != null) {
            checkFree(containers, options.name());
        }
        reclaim();
        ContainerBuilder builder = options.detachedBuilder();
        DetachedOptions noted = options.stored().addTo(DetachedOptions.standard());
        AfterEnd after = options.afterEnd(limit);
        noted = after == null ? noted : noted.afterEnd(after);
        return options.name() == null ? called(builder, noted, way) : way.make(builder, noted.name(options.name()));
    }

    /// What others have left is no reason not to make a new one.
    private void reclaim() {
        try {
            containers.reclaim();
        } catch (IOException e) {
            options.tell("something that was left behind can't be removed: " + e.getMessage());
            for (Throwable other : e.getSuppressed()) {
                options.tell("  also: " + other.getMessage());
            }
        }
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
