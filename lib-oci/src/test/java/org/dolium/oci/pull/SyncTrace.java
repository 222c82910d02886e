// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What strace saw of a store: what was changed, brought to the disk and made visible, and in which order.
///
/// A call lasts from the line where it begins to the one where it ends: only what ends before another one begins is before it.
final class SyncTrace {
    /// The calls that strace must show.
    static final String CALLS = "fsync,fdatasync,syncfs,rename,renameat,renameat2,openat,mkdirat,linkat,symlinkat,mknodat,write,pwrite64,"
            + "writev,pwritev,pwritev2,copy_file_range,ftruncate,fallocate,fchmod,fchmodat,fchown,fchownat,utimensat,fsetxattr";

    private static final Pattern SYNC = Pattern.compile("(fsync|fdatasync|syncfs)\\(\\d+<([^>]*)>\\) += 0");
    private static final Pattern RENAME = Pattern.compile("rename\\w*\\(\\d+<([^>]*)>, \"([^\"]*)\", \\d+<([^>]*)>, \"([^\"]*)\".*\\) += 0");
    private static final Pattern CHANGE = Pattern.compile("(\\w+)\\(\\d+<([^>]*)>.*\\) += \\d.*");

    /// @param path what is changed or synced, or was renamed
    /// @param to the new path if it was renamed, else empty
    private record Call(String name, String path, String to, int begin, int end) {
        boolean isBefore(Call other) {
            return end < other.begin;
        }

        boolean isIn(String directory) {
            return path.equals(directory) || path.startsWith(directory + "/");
        }

        String directory() {
            return to.substring(0, to.lastIndexOf('/'));
        }
    }

    private final String store;
    private final List<Call> syncs = new ArrayList<>();
    private final List<Call> renames = new ArrayList<>();
    private final List<Call> changes = new ArrayList<>();

    SyncTrace(Path store, List<String> lines) {
        this.store = store.toString();
        Map<String, Integer> begun = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] line = lines.get(i).split(" +", 2); // the thread and its call
            if (line[1].endsWith(" <unfinished ...>")) {
                begun.put(line[0], i);
            } else if (line[1].startsWith("<... ")) {
                Integer begin = begun.remove(line[0]);
                if (begin != null) {
                    String first = lines.get(begin).split(" +", 2)[1].replace(" <unfinished ...>", "");
                    add(first + line[1].substring(line[1].indexOf("resumed>") + 8), begin, i);
                }
            } else {
                add(line[1], i, i);
            }
        }
    }

    private void add(String text, int begin, int end) {
        Matcher sync = SYNC.matcher(text);
        Matcher rename = RENAME.matcher(text);
        Matcher change = CHANGE.matcher(text);
        if (sync.lookingAt()) {
            syncs.add(new Call(sync.group(1), sync.group(2), "", begin, end));
        } else if (rename.lookingAt()) {
            renames.add(new Call("rename", rename.group(1) + "/" + rename.group(2), rename.group(3) + "/" + rename.group(4), begin, end));
        } else if (change.lookingAt() && !(change.group(1).equals("openat") && !text.contains("O_CREAT"))) {
            changes.add(new Call(change.group(1), change.group(2), "", begin, end));
        }
    }

    /// How often something got a name that matches, below the store.
    long shown(String names) {
        return renames.stream().filter(rename -> rename.to.matches(Pattern.quote(store) + "/" + names)).count();
    }

    /// How often what became visible was changed before.
    long changes() {
        return renames.stream().filter(this::isShown).mapToLong(rename -> changes.stream().filter(change -> change.isIn(rename.path)).count()).sum();
    }

    private boolean isShown(Call rename) {
        return rename.to.startsWith(store + "/") && !rename.to.startsWith(store + "/work/");
    }

    /// What could be lost or half there after a loss of power.
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        for (Call rename : renames) {
            if (isShown(rename)) {
                boolean directory = rename.to.startsWith(store + "/layers/");
                if (syncs.stream().noneMatch(sync -> isSynced(sync, rename, directory))) {
                    faults.add("content not synced before: " + rename);
                }
                if (syncs.stream().noneMatch(sync -> isKept(sync, rename))) {
                    faults.add("directory not synced after: " + rename);
                }
            }
        }
        return faults;
    }

    /// Whether this brings all content to the disk before it gets its name.
    private boolean isSynced(Call sync, Call rename, boolean directory) {
        boolean all = sync.name.equals("syncfs") && sync.path.startsWith(store);
        return sync.isBefore(rename) && (all || !directory && sync.path.equals(rename.path))
                && changes.stream().filter(change -> change.isIn(rename.path)).allMatch(change -> change.isBefore(sync));
    }

    /// Whether this brings the name to the disk, and before an index that may rely on it.
    private boolean isKept(Call sync, Call rename) {
        boolean content = rename.to.startsWith(store + "/blobs/") || rename.to.startsWith(store + "/layers/");
        return rename.isBefore(sync) && sync.path.equals(rename.directory())
                && (!content || renames.stream().noneMatch(
                        index -> index.to.equals(store + "/index.json") && rename.isBefore(index) && !sync.isBefore(index)));
    }
}
