// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// What a detached container does at the moment.
public enum DetachedState {
    /// It was made by [Containers#create] and has not run since.
    CREATED,
    /// Its command runs.
    RUNNING,
    /// Its processes stand still; see [DetachedContainer#pause].
    PAUSED,
    /// Its command has ended, and how is known.
    EXITED,
    /// It has ended, and nobody knows how: its monitor was killed, or the machine was switched off.
    LOST
}
