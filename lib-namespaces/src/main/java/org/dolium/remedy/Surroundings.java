// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

/// Where a JVM may find itself, as far as that changes what is to be done.
public enum Surroundings {
    HOST("no outer container is known"),
    DOCKER("a Docker container, as /.dockerenv exists"),
    PODMAN("a Podman container, as /run/.containerenv exists"),
    KUBERNETES("a Kubernetes pod"),
    WSL2("WSL2"),
    GITHUB_ACTIONS("a job of GitHub Actions");

    private final String text;

    Surroundings(String text) {
        this.text = text;
    }

    /// Whether an outer container's runtime decides what is allowed.
    public boolean container() {
        return this == DOCKER || this == PODMAN || this == KUBERNETES;
    }

    /// In words.
    public String text() {
        return text;
    }
}
