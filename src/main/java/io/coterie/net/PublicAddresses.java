package io.coterie.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Tells addresses of the public Internet from all others: loopback, link-local, private, shared,
 * multicast, documentation, benchmarking and reserved ones, after the special-purpose registries of
 * RFC 6890 as kept by IANA. Where an address carries another one that a gateway on the way takes
 * out, that one is judged, or the address is refused. Stateless.
 */
public final class PublicAddresses {

  /** The addresses whose first {@code bits} bits are those of {@code base}. */
  private record Block(byte[] base, int bits) {

    static Block of(int bits, int... base) {
      byte[] bytes = new byte[base.length];
      for (int i = 0; i < base.length; i++) {
        bytes[i] = (byte) base[i];
      }
      return new Block(bytes, bits);
    }

    boolean contains(byte[] address) {
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        int there = bit / 8 < base.length ? base[bit / 8] : 0;
        if ((address[bit / 8] & mask) != (there & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Block> NOT_PUBLIC_4 =
      List.of(
          Block.of(8, 0), // this network
          Block.of(8, 10), // private
          Block.of(10, 100, 64), // shared by a carrier's customers
          Block.of(8, 127), // loopback
          Block.of(16, 169, 254), // link-local
          Block.of(12, 172, 16), // private
          Block.of(24, 192, 0, 0), // protocol assignments
          Block.of(24, 192, 0, 2), // documentation
          Block.of(24, 192, 88, 99), // relays of 6to4
          Block.of(16, 192, 168), // private
          Block.of(15, 198, 18), // benchmarking
          Block.of(24, 198, 51, 100), // documentation
          Block.of(24, 203, 0, 113), // documentation
          Block.of(4, 224), // multicast
          Block.of(4, 240)); // reserved, broadcast

  /** Everything outside of it is unassigned or not global, and refused. */
  private static final Block GLOBAL_6 = Block.of(3, 0x20);

  private static final List<Block> NOT_PUBLIC_6 =
      List.of(
          Block.of(23, 0x20, 0x01, 0x00), // protocol assignments, Teredo, benchmarking, ORCHID
          Block.of(32, 0x20, 0x01, 0x0d, 0xb8), // documentation
          Block.of(16, 0x20, 0x02), // 6to4
          Block.of(20, 0x3f, 0xff)); // documentation

  private static final Block NAT64 = Block.of(96, 0x00, 0x64, 0xff, 0x9b);
  private static final int EMBEDDED_FROM = 12;

  private PublicAddresses() {}

  /** Whether an address is one of the public Internet, and of one host. */
  public static boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return isPublic4(bytes);
    }
    if (NAT64.contains(bytes)) {
      return isPublic4(Arrays.copyOfRange(bytes, EMBEDDED_FROM, bytes.length));
    }
    return GLOBAL_6.contains(bytes) && NOT_PUBLIC_6.stream().noneMatch(b -> b.contains(bytes));
  }

  private static boolean isPublic4(byte[] bytes) {
    return NOT_PUBLIC_4.stream().noneMatch(block -> block.contains(bytes));
  }
}
