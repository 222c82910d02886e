// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.util.Optional;

/// Where credentials for registries are found.
public interface CredentialSource {
    /// Nobody is known anywhere.
    CredentialSource NONE = registry -> Optional.empty();

    /// The credentials for a registry, by the name that references have, such as `docker.io` or `localhost:5000`.
    Optional<Credentials> find(String registry) throws IOException;
}
