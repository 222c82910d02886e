// SPDX-License-Identifier: Apache-2.0
/// Strict reading of JSON from others: kinds, limits, and errors that name the place. What a text means does not belong here.
/// Start at [org.dolium.oci.json.JsonFormat].
package org.dolium.oci.json;
