package io.coterie.http;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.Predicate;

/**
 * Which address a request comes from: the peer's, or, where the peer is a trusted proxy, the last
 * address in X-Forwarded-For that is none. Thread-safe.
 */
public final class ClientAddresses {

  private final Predicate<InetAddress> trusted;

  /**
   * @param trusted which addresses are proxies whose X-Forwarded-For is believed
   */
  public ClientAddresses(Predicate<InetAddress> trusted) {
    this.trusted = trusted;
  }

  public String of(Context ctx) {
    String address = ctx.req().getRemoteAddr();
    String forwarded = ctx.header("X-Forwarded-For");
    if (forwarded == null || !isTrusted(address)) {
      return address;
    }
    String[] hops = forwarded.split(",");
    for (int i = hops.length - 1; i >= 0; i--) {
      String hop = hops[i].strip();
      if (literal(hop) == null) {
        return address;
      }
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

  /** An IP address; null for anything else, so that no name is ever looked up. */
  private static InetAddress literal(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    boolean v4 = bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    boolean v6 = bare.indexOf(':') >= 0 && bare.matches("[0-9a-fA-F:.]+");
    if (!v4 && !v6) {
      return null;
    }
    try {
      return InetAddress.getByName(bare);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
