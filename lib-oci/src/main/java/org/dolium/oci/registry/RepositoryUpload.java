// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.jspecify.annotations.Nullable;

/// Writes to a repository.
final class RepositoryUpload {
    private static final Map<String, String> BINARY = Map.of("Content-Type", "application/octet-stream");

    private final RegistryCaller caller;
    private final String repository;
    private final RegistrySettings settings;
    private final List<String> mounts = new CopyOnWriteArrayList<>();
    /// Uploads that a registry began instead of a mount.
    private final Map<Digest, URI> begun = new ConcurrentHashMap<>();

    /// Blobs that a mount has brought, and from where.
    private final Map<Digest, String> mounted = new ConcurrentHashMap<>();

    RepositoryUpload(RegistryCaller caller, String repository, RegistrySettings settings) {
        this.caller = caller;
        this.repository = repository;
        this.settings = settings;
    }

    void mountFrom(String other) {
        mounts.add(other);
    }

    private String scopes() {
        return "repository:" + repository + ":pull,push";
    }

    boolean has(Descriptor content) throws IOException {
        boolean document = MediaTypes.isDocument(content.mediaType());
        URI uri = caller.uri(repository + (document ? "/manifests/" : "/blobs/") + content.digest());
        Map<String, String> headers = document ? Map.of("Accept", content.mediaType()) : Map.of();
        try (Answer answer = caller.send(Call.head(uri, scopes(), headers))) {
            if (answer.status() == 200) {
                return answer.length() < 0 || answer.length() == content.size();
            }
            if (answer.status() != 404) {
                throw answer.error("asking whether " + repository + " has " + content.digest());
            }
        }
        return !document && mount(content.digest());
    }

    @Nullable String mountedFrom(Digest digest) {
        return mounted.get(digest);
    }

    private boolean mount(Digest digest) throws IOException {
        for (String from : mounts) {
            URI uri = caller.uri(repository + "/blobs/uploads/?mount=" + digest + "&from=" + from);
            String scopes = scopes() + " " + Repository.pull(from);
            try (Answer answer = caller.send(Call.with("POST", uri, scopes, Map.of(), new byte[0]))) {
                if (answer.status() == 201) {
                    mounted.put(digest, from);
                    return true;
                }
                if (answer.status() == 202) {
                    begun.put(digest, location(answer));
                    return false;
                }
            } catch (RegistryException e) {
                if (e.status() != 401 && e.status() != 403) {
                    throw e;
                }
                // who may not read there sends it
            }
        }
        return false;
    }

    /// Sends a blob. The last of its bytes are sent only when it is verified, so a wrong one stays incomplete.
    void blob(VerifiedStream content) throws IOException {
        Digest digest = content.descriptor().digest();
        URI known = begun.remove(digest);
        URI session = known == null ? begin() : known;
        boolean whole = settings.chunk() == 0 && content.descriptor().size() > 0;
        if (!whole) {
            session = chunks(session, content);
            checkVerified(content);
        }
        URI end = URI.create(session + (session.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
        Call call = whole
                ? Call.streaming("PUT", end, scopes(), BINARY, content)
                : Call.with("PUT", end, scopes(), BINARY, new byte[0]);
        try (Answer answer = caller.send(call)) {
            check(answer, "writing " + digest, digest);
        }
        checkVerified(content);
    }

    /// Without reading: when the answer came early another thread may be at it still.
    private static void checkVerified(VerifiedStream content) throws IOException {
        if (!content.isVerified()) {
            throw new WrongContentException("the content of " + content.descriptor().digest() + " was not sent as a whole");
        }
    }

    private URI begin() throws IOException {
        URI uri = caller.uri(repository + "/blobs/uploads/");
        try (Answer answer = caller.send(Call.with("POST", uri, scopes(), Map.of(), new byte[0]))) {
            if (answer.status() != 202) {
                throw answer.error("beginning an upload to " + repository);
            }
            return location(answer);
        }
    }

    private URI location(Answer answer) throws IOException {
        String location = answer.header("Location");
        if (location == null) {
            throw new RefusedException("the registry begins an upload and doesn't say where");
        }
        return caller.rules().follow(answer.uri(), location);
    }

    private URI chunks(URI begin, VerifiedStream content) throws IOException {
        URI session = begin;
        long at = 0;
        for (byte[] part = next(content); part.length > 0; part = next(content)) {
            long end = at + part.length - 1;
            Map<String, String> headers =
                    Map.of("Content-Type", "application/octet-stream", "Content-Range", at + "-" + end);
            try (Answer answer = caller.send(Call.with("PATCH", session, scopes(), headers, part))) {
                if (answer.status() != 202) {
                    throw answer.error("writing a part to " + repository);
                }
                String range = answer.header("Range");
                if (range != null && !range.equals("0-" + end) && !range.equals("bytes=0-" + end)) {
                    throw new RefusedException("the registry has another part of the upload than was sent");
                }
                session = location(answer);
            }
            at = end + 1;
        }
        return session;
    }

    /// Reads once more at the end, where it is verified, also if nothing comes before.
    private byte[] next(VerifiedStream content) throws IOException {
        return content.readNBytes(Math.max(1, settings.chunk()));
    }

    void document(Descriptor document, byte[] bytes, String name) throws IOException {
        URI uri = caller.uri(repository + "/manifests/" + name);
        Map<String, String> headers = Map.of("Content-Type", document.mediaType());
        try (Answer answer = caller.send(Call.with("PUT", uri, scopes(), headers, bytes))) {
            check(answer, "writing " + document.digest() + " as " + name, document.digest());
        }
    }

    private static void check(Answer answer, String action, Digest digest) throws IOException {
        if (answer.status() != 201 && answer.status() != 204) {
            throw answer.error(action);
        }
        String stated = answer.header("Docker-Content-Digest");
        if (stated != null && stated.startsWith(digest.algorithm() + ":") && !stated.equals(digest.toString())) {
            throw new WrongContentException("the registry has written something else than " + digest);
        }
    }
}
