// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// `--filter` of a list of containers: of several with one key one must hold, but every label; and every key.
final class PsFilter implements Predicate<ContainerView> {
    private static final Set<String> STATES = Set.of("created", "restarting", "running", "removing", "paused", "exited", "dead");

    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    /// @param filters as `status=exited`
    PsFilter(List<String> filters) {
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("invalid argument \"" + filter + "\" for \"-f, --filter\" flag: bad format of filter (expected name=value)");
            }
            String key = filter.substring(0, equals).strip();
            String value = filter.substring(equals + 1).strip();
            check(key, value);
            wanted.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
        }
    }

    private static void check(String key, String value) {
        boolean good = switch (key) {
            case "name" -> isPattern(value);
            case "id", "label", "ancestor" -> true;
            case "status" -> STATES.contains(value);
            case "exited" -> value.matches("-?[0-9]{1,9}");
            default -> throw new IllegalArgumentException("invalid filter '" + key + "'; there is name=, id=, status=, label=, exited= and ancestor=");
        };
        if (!good) {
            throw new IllegalArgumentException("invalid filter '" + key + "=" + value + "'");
        }
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /// Whether it says itself if containers that have ended are wanted.
    boolean hasStatus() {
        return wanted.containsKey("status");
    }

    @Override
    public boolean test(ContainerView container) {
        return any("name", container, (one, name) -> Pattern.compile(name).matcher(one.name()).find()
                        || Pattern.compile(name).matcher("/" + one.name()).find())
                && any("id", container, (one, id) -> one.id().startsWith(id))
                && any("status", container, (one, state) -> one.state().text().equals(state))
                && any("exited", container, (one, code) -> one.state() == ContainerView.State.EXITED
                        && one.exitCode() == Integer.parseInt(code))
                && any("ancestor", container, PsFilter::isOf)
                && wanted.getOrDefault("label", List.of()).stream().allMatch(label -> hasLabel(container, label));
    }

    private boolean any(String key, ContainerView container, BiPredicate<ContainerView, String> holds) {
        List<String> values = wanted.get(key);
        return values == null || values.stream().anyMatch(value -> holds.test(container, value));
    }

    /// The name with or without its tag, or the beginning of the id.
    private static boolean isOf(ContainerView container, String image) {
        String id = container.imageId().substring(container.imageId().indexOf(':') + 1);
        String begin = image.startsWith("sha256:") ? image.substring(7) : image;
        return tagged(container.image()).equals(tagged(image)) || begin.length() >= 12 && id.startsWith(begin);
    }

    private static String tagged(String image) {
        return image.isEmpty() || image.indexOf(':', image.lastIndexOf('/') + 1) >= 0 || image.contains("@") ? image : image + ":latest";
    }

    private static boolean hasLabel(ContainerView container, String label) {
        int equals = label.indexOf('=');
        return equals < 0
                ? container.labels().containsKey(label)
                : label.substring(equals + 1).equals(container.labels().get(label.substring(0, equals)));
    }
}
