// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.util.List;

/// What is to happen when a container has ended, in its file `after`.
///
/// @param command what is executed on the host then
/// @param policy when it is run again, in the words of `--restart`
/// @param remove whether it is removed
/// @param limitNanos after which a run is ended, or 0 for never
public record Wishes(List<String> command, String policy, boolean remove, long limitNanos) {
    private static final List<String> KEYS = List.of("word", "policy", "remove", "limit-nanos");

    public Wishes {
        command = List.copyOf(command);
    }

    public byte[] bytes() {
        return new Fields().add("word", command).add("policy", policy).add("remove", remove ? 1 : 0).add("limit-nanos", limitNanos).bytes();
    }

    static Wishes parse(byte[] bytes, String shown) throws IOException {
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        long limit = fields.number("limit-nanos", shown);
        if (limit < 0 || fields.all("word").isEmpty()) {
            throw Fields.damaged(shown, "it has no command, or a negative limit");
        }
        return new Wishes(fields.all("word"), fields.one("policy", shown), fields.number("remove", shown) != 0, limit);
    }
}
