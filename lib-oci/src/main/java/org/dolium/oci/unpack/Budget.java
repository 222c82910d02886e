// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

/// What a layer may still take of the disk's inodes and of the heap, beyond the entries that were counted when they were read.
final class Budget {
    private static final long RECORD = 250;

    private final LayerLimits limits;
    private long memory;
    private int implied;

    Budget(LayerLimits limits) {
        this.limits = limits;
    }

    /// A directory that is only named by what is in it: one entry may be in a thousand of them.
    void implied() throws LayerException {
        if (++implied > limits.entries()) {
            throw new LayerException("the layer has more than " + limits.entries() + " directories that it does not name");
        }
    }

    /// What is kept until the end.
    void keep(LayerPath path, Metadata metadata) throws LayerException {
        memory += RECORD + path.length();
        for (java.util.Map.Entry<String, byte[]> xattr : metadata.xattrs().entrySet()) {
            memory += RECORD + xattr.getKey().length() + xattr.getValue().length;
        }
        if (memory > limits.memory()) {
            throw new LayerException("names and attributes of the layer's directories have more than " + limits.memory() + " bytes");
        }
    }
}
