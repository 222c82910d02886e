// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.Identity;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.state.Turn;
import org.jspecify.annotations.Nullable;

/// What killed JVMs leave in a state directory, and how it is removed. Who removes something holds the container's lock.
final class Leftovers {
    private Leftovers() {}

    /// Whether its first start was never finished and nobody is at it: it never may have outlived the JVM that made it.
    static boolean isUnfinished(Entry entry, @Nullable Identity identity) throws IOException {
        return !entry.isLocked() && neverWent(entry, identity);
    }

    /// The same of one that is locked by this JVM.
    static boolean neverWent(Entry entry, @Nullable Identity identity) throws IOException {
        boolean first = identity == null || !identity.kept() && identity.starts() <= 1;
        return first && !entry.folder().has(Entry.STATUS) && !entry.folder().has(Entry.WENT);
    }

    /// Removes everything of a container; if this JVM is killed meanwhile, the next one goes on.
    static void remove(StateDirectory state, Entry entry) throws IOException {
        Identity identity = entry.identity();
        entry.folder().remove(Entry.RECORD);
        empty(entry);
        try (Fd _ = state.lock()) {
            if (identity != null) {
                state.release(identity.name(), entry.id());
            }
            state.delete(entry);
            state.dropStaleNames();
        }
    }

    /// Ends and removes all that it has made elsewhere, which may fail.
    private static void empty(Entry entry) throws IOException {
        Settling.endLeft(entry, readable(entry));
        Settling.dropGroup(entry);
        Settling.removeUpper(entry);
    }

    /// The same of one whose removal was wished for its end. As long as that fails, the container can be seen and tells why.
    static void removeEnded(StateDirectory state, Entry entry) throws IOException {
        empty(entry);
        remove(state, entry);
    }

    /// Removes as much as can be read where it is.
    static void removeDamaged(StateDirectory state, Entry entry) throws IOException {
        IOException failure = null;
        try {
            Settling.endLeft(entry, readable(entry));
        } catch (IOException e) {
            failure = e;
        }
        try {
            Settling.dropGroup(entry);
        } catch (IOException e) {
            failure = first(failure, e);
        }
        try {
            Settling.removeUpper(entry);
        } catch (IOException e) {
            failure = first(failure, e);
        }
        try (Fd _ = state.lock()) {
            state.delete(entry);
            state.dropStaleNames();
        }
        if (failure != null) {
            throw new IOException("container " + entry.id() + " was deleted, but not all that it had made: " + failure.getMessage(), failure);
        }
    }

    private static @Nullable Run readable(Entry entry) {
        try {
            return entry.run();
        } catch (IOException e) {
            return null;
        }
    }

    /// Keeps what failed later with what failed first.
    static IOException first(@Nullable IOException before, IOException next) {
        if (before == null) {
            return next;
        }
        before.addSuppressed(next);
        return before;
    }

    /// @return null if nothing is wrong
    static @Nullable String problem(StateDirectory state, String id) {
        if (!StateDirectory.isId(id)) {
            return "it has no name that Dolium gives";
        }
        try (Entry entry = state.entry(id)) {
            if (entry != null && entry.identity() != null) {
                entry.run();
                entry.group();
                entry.status();
                entry.end();
                AfterEnd.of(entry);
                entry.turn();
            }
            return null;
        } catch (IOException e) {
            return DetachedNames.printable(String.valueOf(e.getMessage()));
        }
    }

    static void reclaim(StateDirectory state, String id, List<String> unfinished, List<String> ended) throws IOException {
        if (problem(state, id) != null) {
            return;
        }
        try (Entry entry = state.entry(id)) {
            Fd lock = entry == null ? null : lock(state, entry);
            if (entry == null || lock == null) {
                return;
            }
            try (lock) {
                reclaim(state, entry, unfinished, ended);
            }
        }
    }

    private static @Nullable Fd lock(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            return entry.tryLock();
        } catch (NoSuchFileException e) {
            return null; // somebody else has just removed it
        }
    }

    private static void reclaim(StateDirectory state, Entry entry, List<String> unfinished, List<String> ended) throws IOException {
        Identity identity = entry.identity();
        boolean never = identity != null && entry.status() == null && !entry.folder().has(Entry.WENT);
        if (identity == null || never && !identity.kept() && identity.starts() <= 1) { // a removal takes the record away first
            remove(state, entry);
            unfinished.add(entry.id());
        } else if (never) {
            Settling.removeGroup(entry);
            entry.forgetRun();
        } else if (isToBeRemoved(state, entry)) {
            removeEnded(state, entry);
            ended.add(entry.id());
        } else if (entry.end() == null || entry.group() != null) {
            Settling.end(entry);
            ended.add(entry.id());
        }
    }

    /// Whether that was wished for its end, and who was to do it was killed.
    private static boolean isToBeRemoved(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            AfterEnd wishes = AfterEnd.of(entry);
            Turn turn = entry.turn();
            try (Alive waiter = turn == null ? null : turn.find()) {
                return wishes != null && wishes.removes() && waiter == null;
            }
        }
    }
}
