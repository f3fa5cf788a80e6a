package io.coterie.http;

import io.javalin.http.Context;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which address a request comes from: the peer's, or, where the peer is a trusted proxy, the last
 * address in X-Forwarded-For that is none. Thread-safe.
 */
public final class ClientAddresses {

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String V4 = OCTET + "(\\." + OCTET + "){3}";
  private static final String V6 = "[0-9a-fA-F]*+:[0-9a-fA-F:.]*+";
  private static final String PORT = "(:[0-9]{1,5})?";

  /** An address as proxies write it: those of IPv6 need brackets where a port follows. */
  private static final Pattern HOP =
      Pattern.compile(
          "(?<v4>%s)%s|\\[(?<bracketed>%s)]%s|(?<bare>%s)".formatted(V4, PORT, V6, PORT, V6));

  /** How many bytes of an IPv6 address name its network: one customer has at least all of it. */
  private static final int NETWORK_BYTES = 8;

  private final Predicate<InetAddress> trusted;

  /**
   * @param trusted which addresses are proxies whose X-Forwarded-For is believed
   */
  public ClientAddresses(Predicate<InetAddress> trusted) {
    this.trusted = trusted;
  }

  /**
   * Whom a limit by address counts as one: the address, or all of the /64 of an IPv6 address, of
   * which a host may use as many as it likes.
   */
  public String network(Context ctx) {
    String address = of(ctx);
    InetAddress literal = literal(address.replaceFirst("%[^]]*", ""));
    return literal instanceof Inet6Address
        ? HexFormat.of().formatHex(literal.getAddress(), 0, NETWORK_BYTES) + "/64"
        : address;
  }

  /** The address itself. */
  public String of(Context ctx) {
    String address = ctx.req().getRemoteAddr();
    if (!isTrusted(address)) {
      return address;
    }
    // A proxy may add a line of its own below one that the client made up.
    String[] hops =
        String.join(",", Collections.list(ctx.req().getHeaders("X-Forwarded-For"))).split(",");
    for (int i = hops.length - 1; i >= 0; i--) {
      InetAddress literal = literal(hops[i].strip());
      if (literal == null) {
        return address;
      }
      // In one form, whichever of its many a client may have written.
      String hop = literal.getHostAddress();
      address = hop;
      if (!isTrusted(hop)) {
        break;
      }
    }
    return address;
  }

  private boolean isTrusted(String address) {
    InetAddress literal = literal(address);
    return literal != null && trusted.test(literal);
  }

  /** An IP address, perhaps with a port; null for anything else, so that no name is looked up. */
  private static InetAddress literal(String text) {
    Matcher hop = HOP.matcher(text);
    if (!hop.matches()) {
      return null;
    }
    String address =
        Stream.of("v4", "bracketed", "bare")
            .map(hop::group)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
