// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Model.CommandSpec;

/// Containers of which something can't be read: each is told of once on standard error, and keeps nobody from seeing the others.
final class Unreadable {
    private final CommandSpec spec;
    private final Set<String> told = new HashSet<>();

    Unreadable(CommandSpec spec) {
        this.spec = spec;
    }

    /// For what failed because of a container that somebody may have removed meanwhile.
    void tellUnlessGone(Containers containers, DetachedContainer container, IOException failure) {
        try {
            Found.throwUnlessGone(containers, container, failure);
        } catch (IOException e) {
            tell(container.id(), String.valueOf(e.getMessage()));
        }
    }

    /// Tells of those that are damaged.
    void tellDamaged(Containers containers) throws IOException {
        for (Containers.Damaged damaged : containers.damaged()) {
            tell(damaged.id(), damaged.problem());
        }
    }

    private void tell(String id, String problem) {
        if (told.add(id)) {
            spec.commandLine().getErr().println("dolium: container " + printable(id) + ": " + problem);
            spec.commandLine().getErr().flush();
        }
    }

    /// A directory may be called anything.
    private static String printable(String name) {
        return name.replaceAll("[^0-9A-Za-z._-]", "?");
    }

    boolean has(String id) {
        return told.contains(id);
    }

    /// What a verb exits with that has told of all others.
    int status() {
        return told.isEmpty() ? 0 : ContainerVerb.FAILED;
    }
}
