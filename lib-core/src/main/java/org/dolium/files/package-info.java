// SPDX-License-Identifier: Apache-2.0
/// Files of running containers, seen and changed from outside: copies in both directions, streams, and a view as a file system. Every
/// path is resolved inside the container's root by the kernel. What an image is made of does not belong here. Start with
/// [ContainerFiles].
package org.dolium.files;
