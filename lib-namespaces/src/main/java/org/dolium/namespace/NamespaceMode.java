// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.nio.file.Path;

/// Where a process gets one of its namespaces from.
public sealed interface NamespaceMode {

    /// A new namespace of its own.
    record New() implements NamespaceMode {}

    /// The JVM's namespace.
    record Host() implements NamespaceMode {}

    /// An existing namespace, by a file such as `/proc/PID/ns/net` or a bind mount of one.
    record Join(Path path) implements NamespaceMode {
        /// The namespace of a running process. Another process may get the pid before it is used: prefer the namespace
        /// of a process that you know to live.
        public static Join ofPid(long pid, NamespaceKind kind) {
            return new Join(Path.of("/proc", Long.toString(pid), "ns", kind.procName()));
        }
    }

    /// The namespace of a running process, joined through a pidfd; see setns(2). The pidfd is opened at the launch, and
    /// afterwards the handle is asked whether its process still lives: so no other process that got its pid is joined.
    record JoinProcess(ProcessHandle process) implements NamespaceMode {}

    /// Whether an existing namespace is joined.
    default boolean joins() {
        return this instanceof Join || this instanceof JoinProcess;
    }

    static NamespaceMode fresh() {
        return new New();
    }

    static NamespaceMode host() {
        return new Host();
    }

    static NamespaceMode join(Path path) {
        return new Join(path);
    }

    /// For instance `container.process().toHandle()`, or any other process of the host.
    static NamespaceMode ofProcess(ProcessHandle process) {
        return new JoinProcess(process);
    }
}
