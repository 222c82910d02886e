// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.jspecify.annotations.Nullable;

/// Writes profiles as JSON. What the format can't say is refused.
final class ProfileWriter {
    private static final SeccompAction MISSING = SeccompAction.errno(Errno.ENOSYS);

    private ProfileWriter() {}

    static String oci(SeccompProfile profile, Arch arch) {
        ObjectNode root = beginning(profile);
        root.putArray("architectures").add(Words.libseccomp(arch));
        return text(withRules(root, profile));
    }

    static String docker(SeccompProfile profile) {
        ObjectNode root = beginning(profile);
        ArrayNode map = root.putArray("archMap");
        for (Arch arch : Arch.values()) {
            map.addObject().put("architecture", Words.libseccomp(arch)).putArray("subArchitectures");
        }
        return text(withRules(root, profile));
    }

    private static ObjectNode beginning(SeccompProfile profile) {
        if (!profile.unknown().equals(MISSING) || !profile.foreign().equals(MISSING)) {
            throw new IllegalArgumentException("the format of JSON profiles can't say what the seccomp profile '" + profile
                    + "' does: unknown calls get " + profile.unknown() + " and foreign ones " + profile.foreign()
                    + ", not ENOSYS");
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        putAction(root, "defaultAction", "defaultErrnoRet", profile.usual());
        return root;
    }

    private static void putAction(ObjectNode to, String key, String errnoKey, SeccompAction action) {
        to.put(key, Words.name(action));
        if (Words.errno(action) >= 0) {
            to.put(errnoKey, Words.errno(action));
        }
    }

    private static ObjectNode withRules(ObjectNode root, SeccompProfile profile) {
        ArrayNode rules = root.putArray("syscalls");
        for (SeccompRule rule : profile.rules()) {
            put(rules.addObject(), rule);
        }
        return root;
    }

    private static void put(ObjectNode to, SeccompRule rule) {
        ArrayNode names = to.putArray("names");
        rule.calls().forEach(names::add);
        putAction(to, "action", "errnoRet", rule.action());
        int seen = 0;
        for (SeccompCondition condition : rule.conditions()) {
            if ((seen >>> condition.argument() & 1) != 0) {
                throw new IllegalArgumentException("the format of JSON profiles can't say two things about argument "
                        + condition.argument() + ": " + rule);
            }
            seen |= 1 << condition.argument();
            ArrayNode args = to.has("args") ? (ArrayNode) to.get("args") : to.putArray("args");
            put(args.addObject(), condition);
        }
        putFilter(to, "includes", rule.needed(), rule.arch(), rule.since());
        putFilter(to, "excludes", rule.excluded(), null, rule.before());
    }

    private static void put(ObjectNode to, SeccompCondition condition) {
        to.put("index", condition.argument());
        boolean masked = condition.comparison() == Comparison.MASKED_EQ;
        to.put("value", unsigned(masked ? condition.mask() : condition.value()));
        if (masked) {
            to.put("valueTwo", unsigned(condition.value()));
        }
        to.put("op", Words.name(condition.comparison()));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static void putFilter(
            ObjectNode to, String key, long capabilities, @Nullable Arch arch, @Nullable String release) {
        if (capabilities == 0 && arch == null && release == null) {
            return;
        }
        ObjectNode filter = to.putObject(key);
        if (capabilities != 0) {
            ArrayNode caps = filter.putArray("caps");
            for (Capability capability : Capability.values()) {
                if ((capabilities & capability.bit()) != 0) {
                    caps.add(capability.toString());
                }
            }
        }
        if (arch != null) {
            filter.putArray("arches").add(Words.docker(arch));
        }
        if (release != null) {
            filter.put("minKernel", release);
        }
    }

    private static String text(ObjectNode root) {
        try {
            return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
