// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.Locale;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// The grammar of references to images, and Docker's rules for what is left out in them.
///
/// It is the grammar of the distribution project's `reference` package. Differences: digests must be of an algorithm that
/// [Digest] knows, the first part of a name is never taken for a part of the path because it is no valid host
/// (`my_host.com/x`), and a port is at most 65535.
final class ReferenceGrammar {
    private static final int LONGEST_REPOSITORY = 255;
    private static final int LONGEST_TAG = 128;
    private static final int LONGEST = 4096;

    private ReferenceGrammar() {}

    static ImageReference parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the name of the image is empty");
        }
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("the name of the image is longer than " + LONGEST + " characters");
        }
        if (isHex(text)) {
            throw bad(text, "is an id, 64 hexadecimal digits, and no name");
        }
        int slash = text.indexOf('/');
        if (slash >= 0 && isRegistry(text.substring(0, slash))) {
            return parse(text, text.substring(0, slash), text.substring(slash + 1));
        }
        return parse(text, ImageReference.DOCKER_HUB, text);
    }

    private static boolean isRegistry(String first) {
        return first.equals("localhost")
                || first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || !first.toLowerCase(Locale.ROOT).equals(first);
    }

    private static ImageReference parse(String whole, String registry, String rest) {
        int at = rest.indexOf('@');
        String named = at < 0 ? rest : rest.substring(0, at);
        int colon = named.indexOf(':');
        String path = colon < 0 ? named : named.substring(0, colon);
        String host = registry.equals("index.docker.io") ? ImageReference.DOCKER_HUB : registry;
        boolean official = host.equals(ImageReference.DOCKER_HUB) && path.indexOf('/') < 0;
        try {
            return new ImageReference(
                    host,
                    official ? officialPath(path) : path,
                    colon < 0 ? null : named.substring(colon + 1),
                    at < 0 ? null : Digest.parse(rest.substring(at + 1)));
        } catch (IllegalArgumentException e) {
            throw bad(whole, "is no reference: " + e.getMessage());
        }
    }

    private static String officialPath(String path) {
        checkRepository(path);
        return ImageReference.OFFICIAL + path;
    }

    static boolean isReadAs(String text, ImageReference reference) {
        try {
            return parse(text).equals(reference);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static IllegalArgumentException bad(String text, String problem) {
        return new IllegalArgumentException("'" + JsonPlace.shown(text, 300) + "' " + problem);
    }

    /// Names of hosts, addresses of four numbers, and `[…]` with hexadecimal digits and colons; then, perhaps, a port.
    static void checkRegistry(String registry) {
        String problem = registryProblem(registry);
        if (problem != null) {
            throw bad(registry, "is no registry: " + problem);
        }
    }

    private static @Nullable String registryProblem(String registry) {
        int end = registry.startsWith("[") ? registry.indexOf(']') + 1 : registry.indexOf(':');
        String host = end < 0 ? registry : registry.substring(0, end);
        String port = end < 0 ? "" : registry.substring(end);
        if (!host.startsWith("[")) {
            for (String label : host.split("\\.", -1)) {
                if (!isLabel(label)) {
                    return "'" + JsonPlace.shown(label, 80) + "' is no part of the name of a host";
                }
            }
        } else if (host.length() < 3 || !host.substring(1, host.length() - 1).chars().allMatch(ReferenceGrammar::isAddress)) {
            return "that is no address";
        }
        return port.isEmpty() || isPort(port) ? null : "'" + JsonPlace.shown(port, 80) + "' is no port";
    }

    private static boolean isAddress(int c) {
        return c == ':' || c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    private static boolean isPort(String port) {
        boolean digits = port.length() > 1 && port.length() <= 6 && port.charAt(0) == ':';
        for (int i = 1; i < port.length(); i++) {
            digits &= port.charAt(i) >= '0' && port.charAt(i) <= '9';
        }
        return digits && Integer.parseInt(port.substring(1)) <= 65535;
    }

    private static boolean isLabel(String label) {
        for (int i = 0; i < label.length(); i++) {
            char c = label.charAt(i);
            boolean inner = c == '-' && i > 0 && i < label.length() - 1;
            if (!inner && !isLower(c) && !(c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return !label.isEmpty();
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    static void checkRepository(String path) {
        if (path.length() > LONGEST_REPOSITORY) {
            throw bad(path, "is longer than " + LONGEST_REPOSITORY + " characters");
        }
        for (String component : path.split("/", -1)) {
            if (component.isEmpty()) {
                throw bad(path, "has an empty part");
            }
            if (!component.toLowerCase(Locale.ROOT).equals(component)) {
                throw bad(path, "must be lower case");
            }
            if (!isComponent(component)) {
                throw bad(component, "is no part of the name of a repository: these are lower-case letters and digits,"
                        + " between them '.', '_', '__' or hyphens");
            }
        }
    }

    private static boolean isComponent(String component) {
        int i = 0;
        while (i < component.length() && isLower(component.charAt(i))) {
            while (i < component.length() && isLower(component.charAt(i))) {
                i++;
            }
            if (i == component.length()) {
                return true;
            }
            i += separator(component, i);
        }
        return false;
    }

    /// The length of what separates letters at a place; 0 if nothing that is allowed does.
    private static int separator(String component, int from) {
        int end = from;
        while (end < component.length() && component.charAt(end) == '-') {
            end++;
        }
        if (end > from) {
            return end - from;
        }
        return component.startsWith("__", from) ? 2 : component.charAt(from) == '.' || component.charAt(from) == '_' ? 1 : 0;
    }

    static void checkTag(String tag) {
        boolean good = !tag.isEmpty() && tag.length() <= LONGEST_TAG;
        for (int i = 0; i < tag.length(); i++) {
            char c = tag.charAt(i);
            good &= isLower(c) || c >= 'A' && c <= 'Z' || c == '_' || i > 0 && (c == '.' || c == '-');
        }
        if (!good) {
            throw bad(tag, "is no tag: these are at most " + LONGEST_TAG
                    + " letters, digits, '_', '.' and '-', not beginning with '.' or '-'");
        }
    }

    private static boolean isHex(String text) {
        boolean hex = text.length() == 64;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            hex &= c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
        return hex;
    }
}
