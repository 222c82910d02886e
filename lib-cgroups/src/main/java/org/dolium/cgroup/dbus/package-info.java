// SPDX-License-Identifier: Apache-2.0
/// D-Bus over a Unix socket, as little of it as starting a systemd scope takes: little-endian messages of the types `y b i u
/// t s o g a v ( )`, calls with their replies, and the signals that come meanwhile. No file descriptors, no objects of our
/// own. A peer is not trusted: every length is checked against what has arrived, every wait has a deadline. Start at
/// [org.dolium.cgroup.dbus.Bus]. The protocol is the
/// [D-Bus Specification](https://dbus.freedesktop.org/doc/dbus-specification.html).
package org.dolium.cgroup.dbus;
