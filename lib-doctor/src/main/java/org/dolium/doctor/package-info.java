// SPDX-License-Identifier: Apache-2.0
/// What this host can do, as a report for people. What a launch itself needs to know about a machine does not belong
/// here. Start at [org.dolium.doctor.Host].
package org.dolium.doctor;
