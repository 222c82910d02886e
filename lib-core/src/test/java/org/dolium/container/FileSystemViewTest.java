// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The files of a container as a [FileSystem].
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class FileSystemViewTest extends SecurityRows {
    private Container shell(Mode mode) throws Exception {
        return FilesTest.shell(mode, root).start();
    }

    private static List<String> names(Path directory) throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void files_are_made_read_changed_and_deleted(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            FileSystem view = shell.files().fileSystem();
            Path home = Files.createDirectories(view.getPath("/work", "a", "b"));
            Path file = Files.writeString(home.resolve("file"), "one\n");
            Files.writeString(file, "two\n", StandardOpenOption.APPEND);
            assertThat(Files.readString(file)).isEqualTo("one\ntwo\n");
            assertThat(FilesTest.ask(shell, "cat /work/a/b/file")).isEqualTo("one\ntwo\n");
            assertThatThrownBy(() -> Files.createFile(file)).isInstanceOf(FileAlreadyExistsException.class);
            Path link = Files.createSymbolicLink(home.resolve("link"), view.getPath("/work/a/b/file"));
            assertThat(Files.readSymbolicLink(link)).isEqualTo(file);
            assertThat(Files.isSameFile(link, file)).isTrue();
            assertThat(link.toRealPath()).isEqualTo(file);
            Files.createLink(home.resolve("hard"), file);
            assertThat(Files.getAttribute(file, "unix:nlink")).isEqualTo(2);
            assertThat(names(home)).containsExactly("file", "hard", "link");
            assertThatThrownBy(() -> Files.delete(home)).isInstanceOf(DirectoryNotEmptyException.class);
            for (String name : names(home)) {
                Files.delete(home.resolve(name));
            }
            Files.delete(home);
            assertThat(Files.exists(home)).isFalse();
            assertThat(Files.isReadable(view.getPath("/etc/passwd"))).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void copies_and_moves_work_inside_and_with_the_host(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            FileSystem view = shell.files().fileSystem();
            Path passwd = view.getPath("/etc/passwd");
            Path host = directory.resolve("passwd");
            Files.copy(passwd, host);
            Path copy = Files.copy(host, view.getPath("/tmp/copy"));
            Path second = Files.copy(copy, view.getPath("/tmp/second"));
            assertThat(Files.mismatch(passwd, second)).isEqualTo(-1);
            assertThatThrownBy(() -> Files.move(copy, second)).isInstanceOf(FileAlreadyExistsException.class);
            Files.move(copy, second, StandardCopyOption.REPLACE_EXISTING);
            Files.move(second, view.getPath("/dev/shm/third"));
            assertThat(FilesTest.ask(shell, "head -n 1 /dev/shm/third; ls /tmp | wc -l")).isEqualTo("root:x:0:0:root:/root:/bin/sh\n0\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void attributes_are_the_containers(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            FileSystem view = shell.files().fileSystem();
            Path file = view.getPath("/tmp/file");
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            assertThat(attributes.owner().getName()).isEqualTo("0");
            assertThat(PosixFilePermissions.toString(attributes.permissions())).isEqualTo("rw-r-----");
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_500_000_000_000L));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx--x--x"));
            assertThat(FilesTest.ask(shell, "stat -c '%a %Y' /tmp/file")).isEqualTo("711 1500000000\n");
            if (mode != Mode.U1) {
                Files.setOwner(file, view.getUserPrincipalLookupService().lookupPrincipalByName("1000"));
                assertThat(FilesTest.ask(shell, "stat -c '%u %g' /tmp/file")).isEqualTo("1000 0\n");
            }
            assertThat(Files.readAttributes(file, "posix:owner,permissions")).hasSize(2);
            assertThat(Files.isSymbolicLink(view.getPath("/bin/sh"))).isTrue();
            assertThat(Files.readAttributes(view.getPath("/bin/sh"), "size", LinkOption.NOFOLLOW_LINKS)).containsEntry("size", 7L);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void channels_have_positions(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            Path file = shell.files().fileSystem().getPath("/tmp/file");
            try (SeekableByteChannel channel = Files.newByteChannel(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
                channel.write(ByteBuffer.wrap("0123456789".getBytes(StandardCharsets.US_ASCII)));
                assertThat(channel.position(3).size()).isEqualTo(10);
                ByteBuffer some = ByteBuffer.allocate(4);
                assertThat(channel.read(some)).isEqualTo(4);
                assertThat(some.array()).isEqualTo("3456".getBytes(StandardCharsets.US_ASCII));
                assertThat(channel.truncate(5).position()).isEqualTo(5);
                assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            assertThat(Files.size(file)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void names_that_are_no_text_can_be_used(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            FilesTest.ask(shell, "mkdir /tmp/odd; echo x > \"/tmp/odd/$(printf 'a\\377\\303\\251')\"");
            Path odd = shell.files().fileSystem().getPath("/tmp/odd");
            String name = names(odd).get(0);
            assertThat(name).isEqualTo("a\udcff\u00e9");
            Files.move(odd.resolve(name), odd.resolve("b" + name));
            assertThat(FilesTest.ask(shell, "cat /tmp/odd/ba*; cd /tmp/odd; printf '%s' * | od -An -tx1; cd /"))
                    .isEqualTo("x\n 62 61 ff c3 a9\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void paths_are_text_as_elsewhere(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            FileSystem view = shell.files().fileSystem();
            for (String[] pair : new String[][] {{"/a/b", "/a/c/d"}, {"a", "b"}, {"/", "/x"}, {"", "x"}, {"a/./b/..", "c"}, {"..", "a"}}) {
                Path one = view.getPath(pair[0]);
                Path other = view.getPath(pair[1]);
                Path hostOne = Path.of(pair[0]);
                Path hostOther = Path.of(pair[1]);
                assertThat(one.resolve(other)).hasToString(hostOne.resolve(hostOther).toString());
                assertThat(one.normalize()).hasToString(hostOne.normalize().toString());
                assertThat(one.getNameCount()).isEqualTo(hostOne.getNameCount());
                assertThat(String.valueOf(one.getParent())).isEqualTo(String.valueOf(hostOne.getParent()));
                assertThat(String.valueOf(one.getFileName())).isEqualTo(String.valueOf(hostOne.getFileName()));
                assertThat(one.startsWith(other)).isEqualTo(hostOne.startsWith(hostOther));
                if (!pair[0].contains(".")) {
                    assertThat(one.relativize(other)).hasToString(hostOne.relativize(hostOther).toString());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void it_is_closed_when_the_container_ends(Mode mode) throws Exception {
        FileSystem view;
        try (Container shell = shell(mode)) {
            view = shell.files().fileSystem();
            assertThat(view.isOpen()).isTrue();
            shell.files().fileSystem().close();
            assertThat(view.isOpen()).isTrue();
        }
        assertThat(view.isOpen()).isFalse();
        assertThatThrownBy(() -> Files.readString(view.getPath("/etc/passwd"))).isInstanceOf(ClosedFileSystemException.class);
    }
}
