// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.time.Instant;

/// What a container had printed when its monitor read from it once.
///
/// @param time when that was
/// @param error whether it is standard error
/// @param bytes what was read, the reader's own
public record LogRecord(Instant time, boolean error, byte[] bytes) {}
