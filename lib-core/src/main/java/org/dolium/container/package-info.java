// SPDX-License-Identifier: Apache-2.0
/// Containers as their users see them: say what you want with [org.dolium.container.ContainerBuilder], get a
/// [org.dolium.container.Container] or, with `run()`, a [org.dolium.container.Result].
package org.dolium.container;
