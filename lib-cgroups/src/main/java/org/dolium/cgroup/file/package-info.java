// SPDX-License-Identifier: Apache-2.0
/// The files of a cgroup as what they are: directories, and short texts. What a text means belongs elsewhere. Start at
/// [org.dolium.cgroup.file.CgroupDirectory].
package org.dolium.cgroup.file;
