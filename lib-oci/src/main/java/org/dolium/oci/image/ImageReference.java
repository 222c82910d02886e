// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import org.jspecify.annotations.Nullable;

/// The name of an image in a registry, complete: `docker.io/library/busybox:1.36`.
///
/// @param registry the host of the registry, with a port if one was given: `docker.io`, `localhost:5000`, `[::1]:5000`
/// @param repository the path of the repository in it: `library/busybox`
/// @param tag the tag, if one was given
/// @param digest the digest, if one was given; it decides, and the tag is then only a remark
public record ImageReference(String registry, String repository, @Nullable String tag, @Nullable Digest digest) {
    static final String DOCKER_HUB = "docker.io";
    static final String OFFICIAL = "library/";

    /// @throws IllegalArgumentException if a part is not of the grammar of references
    public ImageReference {
        ReferenceGrammar.checkRegistry(registry);
        ReferenceGrammar.checkRepository(repository);
        if (tag != null) {
            ReferenceGrammar.checkTag(tag);
        }
    }

    /// Reads a name as people write it, by Docker's rules: a first part with a dot, a colon or an upper-case letter, or
    /// `localhost`, is a registry; without a registry it is Docker Hub's, and a name of one part there is in `library/`.
    ///
    /// @throws IllegalArgumentException if it is no reference; the message says what is wrong with which part
    public static ImageReference parse(String text) {
        return ReferenceGrammar.parse(text);
    }

    /// The same with the tag `latest` if it has neither tag nor digest.
    public ImageReference withDefaultTag() {
        return tag == null && digest == null ? withTag("latest") : this;
    }

    /// The same repository, with this tag and no digest.
    public ImageReference withTag(String newTag) {
        return new ImageReference(registry, repository, newTag, null);
    }

    /// The same repository and tag, with this digest.
    public ImageReference withDigest(Digest newDigest) {
        return new ImageReference(registry, repository, tag, newDigest);
    }

    /// Registry and repository: `docker.io/library/busybox`.
    public String name() {
        return registry + "/" + repository;
    }

    /// What a registry is asked for: the digest, else the tag, else `latest`.
    public String version() {
        return digest != null ? digest.toString() : tag != null ? tag : "latest";
    }

    /// The shortest form that [#parse] reads as this reference, as Docker shows it: `busybox:1.36`.
    public String familiar() {
        if (registry.equals(DOCKER_HUB)) {
            boolean official = repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0;
            String shorter = (official ? repository.substring(OFFICIAL.length()) : repository) + suffix();
            if (ReferenceGrammar.isReadAs(shorter, this)) {
                return shorter;
            }
        }
        return toString();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    /// The canonical form: `docker.io/library/busybox:1.36@sha256:…`.
    @Override
    public String toString() {
        return name() + suffix();
    }
}
