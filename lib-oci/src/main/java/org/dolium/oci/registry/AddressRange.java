// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/// Addresses with the same first bits.
///
/// @param base its first address
/// @param bits how many bits are the same
record AddressRange(InetAddress base, int bits) {
    /// What IANA's registries of addresses for special purposes say is not reached from everywhere.
    private static final List<AddressRange> NOT_PUBLIC = List.of(
            of("0.0.0.0", 8), of("10.0.0.0", 8), of("100.64.0.0", 10), of("127.0.0.0", 8), of("169.254.0.0", 16), of("172.16.0.0", 12),
            of("192.0.0.0", 24), of("192.0.2.0", 24), of("192.88.99.0", 24), of("192.168.0.0", 16), of("198.18.0.0", 15),
            of("198.51.100.0", 24), of("203.0.113.0", 24), of("224.0.0.0", 3));

    private static AddressRange of(String base, int bits) {
        return new AddressRange(InetAddress.ofLiteral(base), bits);
    }

    static boolean isSame(byte[] one, byte[] other, int bits) {
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if (((one[bit >> 3] ^ other[bit >> 3]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        byte[] own = base.getAddress();
        return bytes.length == own.length && isSame(own, bytes, bits);
    }

    /// Whether an address is one of the public network. Of IPv6 that is 2000::/3 without what is for documentation, benchmarks and the
    /// like, and without the ways into IPv4, whose inner addresses would have to be looked at.
    static boolean isPublic(InetAddress address) {
        if (address instanceof Inet6Address six) {
            byte[] bytes = six.getAddress();
            int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
            int second = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
            boolean global = first >> 13 == 1;
            boolean special = first == 0x2001 && (second < 0x200 || second == 0xdb8) || first == 0x2002 || first == 0x3fff;
            return global && !special;
        }
        if (!(address instanceof Inet4Address)) {
            return false;
        }
        for (AddressRange range : NOT_PUBLIC) {
            if (range.contains(address)) {
                return false;
            }
        }
        return true;
    }
}
