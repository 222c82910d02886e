// SPDX-License-Identifier: Apache-2.0
/// The images of one user on this machine: what was downloaded, the layers as directories, and the names. Where images come from does
/// not belong here, nor what runs on them. Start at [org.dolium.oci.store.ImageStore].
package org.dolium.oci.store;
