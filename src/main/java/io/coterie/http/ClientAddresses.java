package io.coterie.http;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which address a request comes from: the peer's, or, where the peer is a trusted proxy, the last
 * address in X-Forwarded-For that is none. Thread-safe.
 */
public final class ClientAddresses {

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  private final Predicate<InetAddress> trusted;

  /**
   * @param trusted which addresses are proxies whose X-Forwarded-For is believed
   */
  public ClientAddresses(Predicate<InetAddress> trusted) {
    this.trusted = trusted;
  }

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

  /** An IP address; null for anything else, so that no name is ever looked up. */
  private static InetAddress literal(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    boolean v4 = V4.matcher(bare).matches();
    boolean v6 = bare.indexOf(':') >= 0 && bare.matches("[0-9a-fA-F:][0-9a-fA-F:.]*");
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
