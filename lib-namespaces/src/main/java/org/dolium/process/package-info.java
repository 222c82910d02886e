// SPDX-License-Identifier: Apache-2.0
/// What a process is besides its namespaces and files: command, environment, user, limits, inherited state. Start at
/// [org.dolium.process.CommandSearch] and [org.dolium.process.UserDatabase].
package org.dolium.process;
