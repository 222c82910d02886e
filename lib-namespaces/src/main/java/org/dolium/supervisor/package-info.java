// SPDX-License-Identifier: Apache-2.0
/// System calls that wait for the JVM: taken, looked at and answered, as seccomp_unotify(2) tells. Which calls wait is a matter
/// of the seccomp package, and what the answer is one of who uses this. Start at [org.dolium.supervisor.Listener].
package org.dolium.supervisor;
