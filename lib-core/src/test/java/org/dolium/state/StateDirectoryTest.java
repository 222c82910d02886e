// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Who may own a state directory, and what in it is refused.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StateDirectoryTest {
    @TempDir
    Path directory;

    private Path path() {
        return directory.resolve("state");
    }

    private static void open(Path path) throws IOException {
        StateDirectory.open(path).close();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private Entry made(StateDirectory state) throws IOException {
        try (Fd _ = state.lock()) {
            return state.make(StateDirectory.newId());
        }
    }

    @Test
    void C_12_all_is_the_users_alone_whatever_the_umask_is() throws Exception {
        for (int umask : new int[] {0, 0777, 022}) {
            Path path = directory.resolve("state" + umask);
            long before = Kernel.call(Sys.UMASK, umask);
            try (StateDirectory state = StateDirectory.open(path);
                    Entry entry = made(state);
                    Fd _ = entry.tryLock()) {
                entry.note("key", new byte[] {1});
                assertThat(state.claim("name", entry.id())).isTrue();
                assertThat(List.of(mode(path), mode(path.resolve("containers")), mode(path.resolve("names")),
                        mode(path.resolve("containers").resolve(entry.id())))).containsOnly("rwx------");
                assertThat(List.of(mode(path.resolve("lock")), mode(path.resolve("names/name")),
                        mode(path.resolve("containers").resolve(entry.id()).resolve("lock")),
                        mode(path.resolve("containers").resolve(entry.id()).resolve("note.key")))).containsOnly("rw-------");
            } finally {
                Kernel.call(Sys.UMASK, before);
            }
        }
    }

    @Test
    void C_12_a_directory_that_others_may_enter_is_refused() throws Exception {
        Files.createDirectory(path());
        for (String mode : new String[] {"rwxr-xr-x", "rwx--x--x", "rwx-----x", "rwxrwxrwx"}) {
            mode(path(), mode);
            assertThatThrownBy(() -> open(path())).isInstanceOf(IOException.class).hasMessageContaining("others than its owner may use it");
        }
        mode(path(), "rwx------");
        open(path());
        mode(path().resolve("containers"), "rwx---r-x");
        assertThatThrownBy(() -> open(path())).hasMessageContaining("others than its owner may use it");
    }

    @Test
    void J_01_a_link_in_the_place_of_a_directory_is_refused() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        mode(elsewhere, "rwx------");
        Files.createSymbolicLink(path(), elsewhere);
        assertThatThrownBy(() -> open(path())).isInstanceOf(IOException.class).hasMessageContaining(path().toString());
        Files.delete(path());
        for (String name : new String[] {"containers", "names"}) {
            open(path());
            Files.delete(path().resolve(name));
            Files.createSymbolicLink(path().resolve(name), elsewhere);
            assertThatThrownBy(() -> open(path())).isInstanceOf(IOException.class).hasMessageContaining(name);
            Files.delete(path().resolve(name));
        }
        assertThat(elsewhere).isEmptyDirectory();
        open(path()); // control: the links alone were in the way
    }

    @Test
    void J_01_a_link_to_the_directory_above_is_followed_before_it_is_looked_at() throws Exception {
        Path above = Files.createDirectory(directory.resolve("above"));
        mode(above, "rwxrwxrwx");
        Path link = Files.createSymbolicLink(directory.resolve("link"), above);
        assertThatThrownBy(() -> open(link.resolve("state"))).hasMessageContaining("others could exchange the state directory");
        mode(above, "rwxr-xr-x");
        open(link.resolve("state"));
        assertThat(above.resolve("state")).isDirectory();
    }

    @Test
    void J_01_links_and_second_names_of_files_are_refused() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        mode(secret, "rw-------");
        try (StateDirectory state = StateDirectory.open(path());
                Entry entry = made(state)) {
            Path container = path().resolve("containers").resolve(entry.id());
            for (String name : new String[] {"record", "run", "status", "cgroup", "ended", "note.key", "lock"}) {
                Path file = container.resolve(name);
                Files.createSymbolicLink(file, secret);
                assertThatThrownBy(() -> touch(entry, name)).isInstanceOf(IOException.class).hasMessageContaining(name);
                Files.delete(file);
                Files.createLink(file, secret);
                assertThatThrownBy(() -> touch(entry, name)).isInstanceOf(IOException.class).hasMessageContaining("another name elsewhere");
                Files.delete(file);
                Files.createDirectory(file);
                assertThatThrownBy(() -> touch(entry, name)).isInstanceOf(IOException.class).hasMessageContaining("no regular file");
                Files.delete(file);
            }
            assertThat(secret).hasContent("secret");
            Files.createSymbolicLink(container.resolve("note.key.new"), secret);
            entry.note("key", new byte[] {'x'}); // the link is replaced and not followed
            assertThat(secret).hasContent("secret");
            assertThat(container.resolve("note.key")).hasContent("x");
        }
    }

    private static void touch(Entry entry, String name) throws IOException {
        switch (name) {
            case "record" -> entry.identity();
            case "run" -> entry.run();
            case "status" -> entry.status();
            case "cgroup" -> entry.group();
            case "ended" -> entry.end();
            case "lock" -> entry.isLocked();
            default -> entry.note("key", 10);
        }
    }

    @Test
    void J_01_a_container_directory_that_was_replaced_by_a_link_is_refused() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        mode(elsewhere, "rwx------");
        Files.writeString(elsewhere.resolve("keep"), "");
        try (StateDirectory state = StateDirectory.open(path());
                Entry entry = made(state)) {
            Path container = path().resolve("containers").resolve(entry.id());
            Files.move(container, directory.resolve("moved"));
            Files.createSymbolicLink(container, elsewhere);
            assertThatThrownBy(() -> state.entry(entry.id())).isInstanceOf(IOException.class).hasMessageContaining(entry.id());
            assertThatThrownBy(() -> state.delete(entry)).isInstanceOf(IOException.class);
            assertThat(elsewhere.resolve("keep")).exists();
        }
    }

    @Test
    void a_name_is_one_containers_and_is_free_when_that_is_gone() throws Exception {
        try (StateDirectory state = StateDirectory.open(path());
                Entry first = made(state);
                Entry second = made(state);
                Fd _ = first.tryLock()) {
            assertThat(state.claim("web", first.id())).isTrue();
            assertThat(state.claim("web", first.id())).isTrue();
            assertThat(state.claim("web", second.id())).as("who has it is about to start").isFalse();
            state.release("web", second.id());
            assertThat(state.owner("web")).isEqualTo(first.id());
            state.delete(first);
            assertThat(state.claim("web", second.id())).isTrue();
            state.dropStaleNames();
            assertThat(state.owner("web")).as("it is not locked and has no record").isNull();
        }
    }

    @Test
    void of_many_that_want_a_name_at_once_one_gets_it() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                StateDirectory state = StateDirectory.open(path())) {
            for (int round = 0; round < 20; round++) {
                String name = "name" + round;
                CountDownLatch go = new CountDownLatch(1);
                List<Future<Boolean>> claims = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    claims.add(threads.submit(() -> {
                        go.await();
                        try (StateDirectory own = StateDirectory.open(path());
                                Fd _ = own.lock();
                                Entry entry = own.make(StateDirectory.newId())) {
                            boolean mine = own.claim(name, entry.id());
                            Fd kept = entry.tryLock();
                            return mine && kept != null && kept.isOpen() && closeLater(kept);
                        }
                    }));
                }
                go.countDown();
                int winners = 0;
                for (Future<Boolean> claim : claims) {
                    winners += claim.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
                state.owner(name);
                closeAll();
            }
        }
    }

    private final List<Fd> kept = new ArrayList<>();

    private synchronized boolean closeLater(Fd lock) {
        return kept.add(lock);
    }

    private synchronized void closeAll() {
        kept.forEach(Fd::close);
        kept.clear();
    }
}
