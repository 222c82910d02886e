// SPDX-License-Identifier: Apache-2.0
/// What a machine can do, as a value. How it is found out does not belong here: see the kernel package. Start at
/// [org.dolium.host.Host].
package org.dolium.host;
