// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.CgroupName;

/// What is said of a container once, in its file `record`.
///
/// @param created when it was made
/// @param command what it runs
/// @param kept whether it stays although it was never started
/// @param starts how often it was started
/// @param logBytes how long a file of its log gets
/// @param logFiles how many there may be
public record Identity(
        String id, String name, Instant created, List<String> command, Map<String, String> labels, boolean kept, long starts,
        long logBytes, int logFiles) {
    private static final List<String> KEYS = List.of("id", "name", "created", "word", "label", "value", "kept", "starts",
            "log-bytes", "log-files");
    private static final int MOST_FILES = 100;

    public Identity {
        command = List.copyOf(command);
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    public byte[] bytes() {
        Fields fields = new Fields().add("id", id).add("name", name).add("created", created.toString())
                .add("kept", kept ? 1 : 0).add("starts", starts)
                .add("log-bytes", logBytes).add("log-files", logFiles).add("word", command);
        for (Map.Entry<String, String> label : labels.entrySet()) {
            fields.add("label", label.getKey()).add("value", label.getValue());
        }
        return fields.bytes();
    }

    static Identity parse(byte[] bytes, String id) throws IOException {
        String shown = id + "/" + Entry.RECORD;
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        if (!fields.one("id", shown).equals(id)) {
            throw Fields.damaged(shown, "it is another container's");
        }
        List<String> labels = fields.all("label");
        List<String> values = fields.all("value");
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < labels.size() && labels.size() == values.size(); i++) {
            pairs.put(labels.get(i), values.get(i));
        }
        if (labels.size() != values.size() || pairs.size() != labels.size()) {
            throw Fields.damaged(shown, "labels and values are not pairs");
        }
        try {
            String name = new CgroupName(fields.one("name", shown)).text();
            Instant created = Instant.parse(fields.one("created", shown));
            long files = fields.number("log-files", shown);
            if (files < 1 || files > MOST_FILES) {
                throw Fields.damaged(shown, "there can't be " + files + " files of a log");
            }
            return new Identity(
                    id, name, created, fields.all("word"), pairs, fields.number("kept", shown) != 0, fields.number("starts", shown),
                    fields.number("log-bytes", shown), (int) files);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Fields.damaged(shown, String.valueOf(e.getMessage()));
        }
    }

    public Identity named(String other) {
        return new Identity(id, other, created, command, labels, kept, starts, logBytes, logFiles);
    }

    /// The same, which stays also if a further start of it fails.
    public Identity staying() {
        return new Identity(id, name, created, command, labels, true, starts, logBytes, logFiles);
    }

    /// The same, started once more.
    public Identity started(List<String> words, Map<String, String> remarks) {
        return new Identity(id, name, created, words, remarks, kept, starts + 1, logBytes, logFiles);
    }
}
