// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.oci.json.JsonPlace;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SyscallTable;
import org.jspecify.annotations.Nullable;

/// Makes a profile of one JSON value.
final class ProfileReader {
    private static final Set<String> KEYS = Set.of(
            "defaultAction", "defaultErrnoRet", "architectures", "archMap", "flags", "listenerPath", "listenerMetadata",
            "syscalls");
    private static final Set<String> MAP_KEYS = Set.of("architecture", "subArchitectures");
    private static final Set<String> RULE_KEYS =
            Set.of("names", "name", "action", "errnoRet", "args", "comment", "includes", "excludes");
    private static final Set<String> ARG_KEYS = Set.of("index", "value", "valueTwo", "op");
    private static final Set<String> FILTER_KEYS = Set.of("caps", "arches", "minKernel");
    private static final int LAST_ARGUMENT = 5;
    private static final int MAX_RELEASE = 99999;

    private final Set<String> unknownCalls = new TreeSet<>();
    private final Set<String> foreign = new TreeSet<>();

    ParsedProfile read(JsonPlace root) {
        root.object(KEYS);
        refuseSupervisor(root, "listenerPath");
        refuseSupervisor(root, "listenerMetadata");
        checkFlags(root);
        readArchitectures(root);
        SeccompAction usual = Words.action(root.get("defaultAction"), root.find("defaultErrnoRet"));
        List<SeccompRule> rules = new ArrayList<>();
        for (JsonPlace place : root.all("syscalls")) {
            SeccompRule rule = rule(place.object(RULE_KEYS));
            if (rule != null) {
                rules.add(rule);
            }
        }
        SeccompProfile profile = SeccompProfile.denying(usual).with(rules).named("JSON");
        return new ParsedProfile(profile, List.copyOf(unknownCalls), List.copyOf(foreign));
    }

    private static void refuseSupervisor(JsonPlace root, String key) {
        JsonPlace value = root.find(key);
        if (value != null && !value.text().isEmpty()) {
            throw value.error("is for a supervisor outside of the container, which is not supported");
        }
    }

    private static void checkFlags(JsonPlace root) {
        for (JsonPlace flag : root.all("flags")) {
            if (!flag.text().equals("SECCOMP_FILTER_FLAG_TSYNC")) { // there is one thread
                throw flag.unknown("not supported");
            }
        }
    }

    private void readArchitectures(JsonPlace root) {
        List<JsonPlace> plain = root.all("architectures");
        List<JsonPlace> map = root.all("archMap");
        if (!plain.isEmpty() && !map.isEmpty()) {
            throw root.error("has both 'architectures' and 'archMap'");
        }
        for (JsonPlace name : plain) {
            readArchitecture(name);
        }
        for (JsonPlace entry : map) {
            readArchitecture(entry.object(MAP_KEYS).get("architecture"));
            for (JsonPlace name : entry.all("subArchitectures")) {
                readArchitecture(name);
            }
        }
    }

    private void readArchitecture(JsonPlace place) {
        String name = place.text();
        if (!Words.ARCHITECTURES.contains(name)) {
            throw place.unknown("no known architecture");
        }
        if (!name.equals(Words.libseccomp(Arch.X86_64)) && !name.equals(Words.libseccomp(Arch.AARCH64))) {
            foreign.add(name);
        }
    }

    /// The rule, or null if it is for other architectures or for no call that is known.
    private @Nullable SeccompRule rule(JsonPlace place) {
        SeccompAction action = Words.action(place.get("action"), place.find("errnoRet"));
        List<String> names = names(place);
        SeccompCondition[] conditions = conditions(place);
        JsonPlace comment = place.find("comment");
        if (comment != null) {
            comment.text();
        }
        EnumSet<Arch> archs = EnumSet.allOf(Arch.class);
        JsonPlace includes = place.find("includes");
        JsonPlace excludes = place.find("excludes");
        long needed = includes == null ? 0 : capabilities(includes.object(FILTER_KEYS));
        long excluded = excludes == null ? 0 : capabilities(excludes.object(FILTER_KEYS));
        int[] since = includes == null ? null : release(includes);
        int[] before = excludes == null ? null : release(excludes);
        if (includes != null && !includes.all("arches").isEmpty()) {
            archs.retainAll(archs(includes));
        }
        if (excludes != null) {
            archs.removeAll(archs(excludes));
        }
        if (names.isEmpty() || archs.isEmpty()) {
            return null;
        }
        SeccompRule rule = SeccompRule.of(action, names).when(conditions);
        for (Capability capability : Capability.values()) {
            rule = (needed & capability.bit()) != 0 ? rule.with(capability) : rule;
            rule = (excluded & capability.bit()) != 0 ? rule.without(capability) : rule;
        }
        rule = since != null ? rule.since(since[0], since[1]) : rule;
        rule = before != null ? rule.before(before[0], before[1]) : rule;
        return archs.size() == 1 ? rule.on(archs.iterator().next()) : rule;
    }

    /// The calls that there are on some architecture.
    private List<String> names(JsonPlace rule) {
        List<JsonPlace> places = new ArrayList<>(rule.all("names"));
        JsonPlace single = rule.find("name");
        if (single != null && !places.isEmpty()) {
            throw rule.error("has both 'name' and 'names'");
        }
        if (single != null) {
            places.add(single);
        }
        if (places.isEmpty()) {
            throw rule.error("has no 'names'");
        }
        Set<String> names = new LinkedHashSet<>();
        for (JsonPlace place : places) {
            String name = place.text();
            checkName(place, name);
            if (SyscallTable.of(Arch.X86_64).knows(name)) {
                names.add(name);
            } else if (!Words.isElsewhere(name)) {
                unknownCalls.add(name);
            }
        }
        return List.copyOf(names);
    }

    private static void checkName(JsonPlace place, String name) {
        boolean good = !name.isEmpty() && name.length() <= 64;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            good &= c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
        }
        if (!good) {
            throw place.unknown("no name of a system call");
        }
    }

    private static SeccompCondition[] conditions(JsonPlace rule) {
        List<JsonPlace> places = rule.all("args");
        SeccompCondition[] conditions = new SeccompCondition[Math.min(places.size(), LAST_ARGUMENT + 1)];
        int seen = 0;
        for (int i = 0; i < places.size(); i++) {
            JsonPlace place = places.get(i).object(ARG_KEYS);
            JsonPlace index = place.get("index");
            int argument = index.integer(LAST_ARGUMENT);
            if ((seen >>> argument & 1) != 0) {
                throw index.error("is " + argument + " a second time, which runtimes take for different things;"
                        + " make two rules of it, or one comparison");
            }
            seen |= 1 << argument;
            conditions[i] = condition(place, argument);
        }
        return conditions;
    }

    private static SeccompCondition condition(JsonPlace place, int argument) {
        Comparison comparison = Words.comparison(place.get("op"));
        long value = place.get("value").unsigned();
        JsonPlace two = place.find("valueTwo");
        long valueTwo = two == null ? 0 : two.unsigned();
        if (comparison != Comparison.MASKED_EQ) {
            if (two != null && valueTwo != 0) {
                throw two.error("is for SCMP_CMP_MASKED_EQ only");
            }
            return new SeccompCondition(argument, comparison, value, -1);
        }
        if (two != null && (valueTwo & ~value) != 0) {
            throw two.error("has bits that the mask in 'value' has not");
        }
        return SeccompCondition.masked(argument, value, valueTwo);
    }

    private static long capabilities(JsonPlace filter) {
        long bits = 0;
        for (JsonPlace place : filter.all("caps")) {
            String name = place.text();
            Capability found = null;
            for (Capability capability : Capability.values()) {
                found = capability.toString().equals(name) ? capability : found;
            }
            if (found == null) {
                throw place.unknown("no known capability");
            }
            bits |= found.bit();
        }
        return bits;
    }

    private static EnumSet<Arch> archs(JsonPlace filter) {
        EnumSet<Arch> archs = EnumSet.noneOf(Arch.class);
        for (JsonPlace place : filter.all("arches")) {
            String name = place.text();
            if (!Words.DOCKER_ARCHITECTURES.contains(name)) {
                throw place.unknown("no known architecture");
            }
            for (Arch arch : Arch.values()) {
                if (Words.docker(arch).equals(name)) {
                    archs.add(arch);
                }
            }
        }
        return archs;
    }

    /// The kernel release of a condition, if it has one: `4.8`.
    private static int @Nullable [] release(JsonPlace filter) {
        JsonPlace place = filter.find("minKernel");
        if (place == null) {
            return null;
        }
        String text = place.text();
        int dot = text.indexOf('.');
        int major = dot < 0 ? -1 : number(text.substring(0, dot));
        int minor = dot < 0 ? -1 : number(text.substring(dot + 1));
        if (major < 0 || minor < 0) {
            throw place.unknown("no kernel release such as 4.8");
        }
        return new int[] {major, minor};
    }

    /// The number, or -1 if it is none.
    private static int number(String text) {
        boolean good = !text.isEmpty() && text.length() <= Integer.toString(MAX_RELEASE).length();
        for (int i = 0; i < text.length(); i++) {
            good &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return good ? Integer.parseInt(text) : -1;
    }
}
