// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// Lists of a repository, which come in pages.
final class RepositoryLists {
    private static final int MOST_PAGES = 1000;
    private static final int MOST_TAGS = 100_000;
    private static final JsonFormat TAGS =
            new JsonFormat("the registry's list of tags", 16, 4096, ImageDocument.LIMIT, 400_000);

    private final RegistryCaller caller;
    private final String repository;

    RepositoryLists(RegistryCaller caller, String repository) {
        this.caller = caller;
        this.repository = repository;
    }

    List<String> tags() throws IOException {
        List<String> tags = new ArrayList<>();
        Set<URI> seen = new HashSet<>();
        for (URI at = caller.uri(repository + "/tags/list?n=1000"); at != null; ) {
            checkPage(seen, at);
            try (Answer answer = caller.whole(Call.get(at, Repository.pull(repository), Map.of()), ImageDocument.LIMIT)) {
                if (answer.status() != 200) {
                    throw answer.error("listing the tags of " + repository);
                }
                add(tags, answer.bytes(ImageDocument.LIMIT));
                at = next(answer);
            }
        }
        return tags;
    }

    private static void checkPage(Set<URI> seen, URI at) throws IOException {
        if (!seen.add(at) || seen.size() > MOST_PAGES) {
            throw new RefusedException("the registry has a list without an end");
        }
    }

    private void add(List<String> tags, byte[] bytes) throws IOException {
        try {
            for (JsonPlace place : TAGS.parse(bytes, ImageDocument.LIMIT).object().all("tags")) {
                tags.add(new ImageReference("localhost", repository, place.text(), null).version());
            }
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(String.valueOf(e.getMessage()), e);
        }
        if (tags.size() > MOST_TAGS) {
            throw new RefusedException("the registry has more than " + MOST_TAGS + " tags in " + repository);
        }
    }

    /// The next page, which is in the same registry.
    private @Nullable URI next(Answer answer) throws IOException {
        String link = answer.header("Link");
        if (link == null) {
            return null;
        }
        int open = link.indexOf('<');
        int close = link.indexOf('>', open + 1);
        if (open < 0 || close < 0 || !link.substring(close).contains("next")) {
            return null;
        }
        URI next = caller.rules().follow(answer.uri(), link.substring(open + 1, close));
        if (!caller.rules().isHome(next)) {
            throw new RefusedException("the registry has the next page of a list elsewhere");
        }
        return next;
    }

    Index referrers(Digest subject) throws IOException {
        List<Descriptor> found = new ArrayList<>();
        Set<URI> seen = new HashSet<>();
        for (URI at = caller.uri(repository + "/referrers/" + subject); at != null; ) {
            checkPage(seen, at);
            try (Answer answer = index(at)) {
                if (answer.status() == 404 && seen.size() == 1) {
                    return byTag(subject);
                }
                found.addAll(read(answer).manifests());
                at = next(answer);
            }
        }
        return Index.of(found);
    }

    private Answer index(URI at) throws IOException {
        Call call = Call.get(at, Repository.pull(repository), Map.of("Accept", MediaTypes.OCI_INDEX));
        return caller.whole(call, ImageDocument.LIMIT);
    }

    private Index byTag(Digest subject) throws IOException {
        String tag = subject.algorithm() + "-" + subject.hex();
        String shorter = tag.length() > 128 ? tag.substring(0, 128) : tag;
        try (Answer answer = index(caller.uri(repository + "/manifests/" + shorter))) {
            return answer.status() == 404 ? Index.of(List.of()) : read(answer);
        }
    }

    private Index read(Answer answer) throws IOException {
        if (answer.status() != 200) {
            throw answer.error("listing the referrers in " + repository);
        }
        try {
            return (Index) ImageDocument.parse(answer.bytes(ImageDocument.LIMIT), MediaTypes.OCI_INDEX);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException("the registry's list of referrers: " + e.getMessage(), e);
        }
    }
}
