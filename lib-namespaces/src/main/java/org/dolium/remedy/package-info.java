// SPDX-License-Identifier: Apache-2.0
/// Why a host refuses what a launch needs, and what to do about it: words, chosen by the failed call and by what the
/// host's files say. Pure; reading the files does not belong here. Start at [org.dolium.remedy.Hints].
package org.dolium.remedy;
