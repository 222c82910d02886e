// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

/// Where a JVM may find itself, as far as that changes what is to be done.
public enum Surroundings {
    HOST("no outer container is known"),
    DOCKER("in a Docker container (/.dockerenv)"),
    PODMAN("in a Podman container (/run/.containerenv)"),
    KUBERNETES("in a Kubernetes pod"),
    WSL2("in WSL2"),
    GITHUB_ACTIONS("in a job of GitHub Actions");

    private final String text;

    Surroundings(String text) {
        this.text = text;
    }

    /// Whether an outer container's runtime decides what is allowed.
    public boolean container() {
        return this == DOCKER || this == PODMAN || this == KUBERNETES;
    }

    /// In words, as after "the JVM is".
    public String text() {
        return text;
    }
}
