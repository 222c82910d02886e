// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// What is where in an archive of an image: a strict reader. A name twice, a name that leads outside, anything that readers of
/// archives disagree about is an error.
final class TarIndex {
    private static final int MOST_ENTRIES = 100_000;
    private static final int LONGEST_EXTENSION = 1 << 20;

    /// @param offset where the content begins
    /// @param size how long it is
    /// @param link what a symbolic link leads to; null for a regular file
    record Entry(long offset, long size, @Nullable String link) {}

    private final FileChannel channel;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<String> directories = new HashSet<>();
    private Map<String, String> extension = Map.of();
    private @Nullable String longName;
    private @Nullable String longLink;

    private TarIndex(FileChannel channel) {
        this.channel = channel;
    }

    static Map<String, Entry> read(FileChannel channel) throws IOException {
        TarIndex index = new TarIndex(channel);
        index.read();
        return index.entries;
    }

    private void read() throws IOException {
        long at = 0;
        for (int count = 0; ; count++) {
            TarHeader header = new TarHeader(bytes(at, TarHeader.SIZE));
            if (header.isZero()) {
                return;
            }
            if (count == MOST_ENTRIES) {
                throw new IOException("the archive has more than " + MOST_ENTRIES + " entries");
            }
            header.checkSum();
            long content = at + TarHeader.SIZE;
            long size = entry(header, content);
            if (size < 0 || size > channel.size() - content) {
                throw new IOException("the archive ends in the middle of a file");
            }
            at = content + (size + TarHeader.SIZE - 1) / TarHeader.SIZE * TarHeader.SIZE;
        }
    }

    /// Takes note of one entry and gives the length of what follows its header.
    private long entry(TarHeader header, long content) throws IOException {
        long size = header.size();
        switch (header.type()) {
            case 'x' -> extension = extension(content, size);
            case 'g' -> checkGlobal(extension(content, size));
            case 'L' -> longName = text(content, size);
            case 'K' -> longLink = text(content, size);
            case '0', '\0', '2', '5' -> {
                return member(header, content, size);
            }
            default ->
                throw new IOException("the archive has an entry of type '" + JsonPlace.shown(String.valueOf(header.type()), 1)
                        + "', and only files, directories and symbolic links belong to images");
        }
        return size;
    }

    private long member(TarHeader header, long content, long stated) throws IOException {
        String name = extension.getOrDefault("path", longName == null ? header.name() : longName);
        String link = extension.getOrDefault("linkpath", longLink == null ? header.link() : longLink);
        boolean file = header.type() == '0' || header.type() == '\0';
        long size = file && extension.containsKey("size") ? number(extension.get("size")) : stated;
        boolean directory = header.type() == '5' || file && name.endsWith("/");
        if (!file && size != 0 || directory && size != 0) {
            throw new IOException("the archive has a directory or link with content");
        }
        extension = Map.of();
        longName = null;
        longLink = null;
        add(normalized(name), directory, new Entry(content, size, file ? null : link));
        return size;
    }

    private void add(String name, boolean directory, Entry entry) throws IOException {
        boolean twice = directory
                ? directories.add(name) && entries.containsKey(name)
                : directories.contains(name) || entries.put(name, entry) != null;
        if (twice) {
            throw new IOException("the archive has '" + JsonPlace.shown(name, 200) + "' twice");
        }
    }

    private static String normalized(String name) throws IOException {
        StringBuilder path = new StringBuilder();
        for (String part : name.split("/")) {
            if (part.equals("..") || part.indexOf('\0') >= 0) {
                throw new IOException("the archive has '" + JsonPlace.shown(name, 200) + "', which leads outside");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        if (name.startsWith("/")) {
            throw new IOException("the archive has '" + JsonPlace.shown(name, 200) + "', which leads outside");
        }
        return path.toString();
    }

    /// Records of length, space, key, equals sign, value and line feed.
    private Map<String, String> extension(long at, long size) throws IOException {
        byte[] bytes = extensionBytes(at, size);
        Map<String, String> records = new HashMap<>();
        int from = 0;
        while (from < bytes.length) {
            int space = indexOf(bytes, ' ', from);
            long length = number(new String(bytes, from, space - from, StandardCharsets.UTF_8));
            int equals = indexOf(bytes, '=', space);
            int end = from + (int) Math.min(length, bytes.length - from);
            if (length > bytes.length - from || end <= equals + 1 || bytes[end - 1] != '\n') {
                throw new IOException("the archive has an extended header that is none");
            }
            String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            String value = new String(bytes, equals + 1, end - equals - 2, StandardCharsets.UTF_8);
            if (records.put(key, value) != null || key.startsWith("GNU.sparse.")) {
                throw new IOException("the archive has '" + JsonPlace.shown(key, 80) + "' twice, or a sparse file");
            }
            from = end;
        }
        return records;
    }

    private static void checkGlobal(Map<String, String> records) throws IOException {
        if (records.containsKey("path") || records.containsKey("size") || records.containsKey("linkpath")) {
            throw new IOException("the archive has a global name or size");
        }
    }

    private static int indexOf(byte[] bytes, char c, int from) throws IOException {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == c) {
                return i;
            }
        }
        throw new IOException("the archive has an extended header that is none");
    }

    private static long number(String text) throws IOException {
        boolean good = !text.isEmpty() && text.length() < 19;
        for (int i = 0; i < text.length(); i++) {
            good &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!good) {
            throw new IOException("the archive has an extended header with a number that is none");
        }
        return Long.parseLong(text);
    }

    private String text(long at, long size) throws IOException {
        String text = new String(extensionBytes(at, size), StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private byte[] extensionBytes(long at, long size) throws IOException {
        if (size > LONGEST_EXTENSION) {
            throw new IOException("the archive has an extended header of more than " + LONGEST_EXTENSION + " bytes");
        }
        return bytes(at, (int) size);
    }

    private byte[] bytes(long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("the archive ends early");
            }
        }
        return buffer.array();
    }
}
