package io.coterie.net;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyConfiguration;

/**
 * The HTTP proxies that the JVM's system properties name ({@code http.proxyHost}, {@code
 * https.proxyHost}, {@code http.nonProxyHosts} and so on; see "Networking Properties" in the JDK's
 * documentation of {@code java.net}). Stateless.
 */
final class SystemProxies {

  private SystemProxies() {}

  static void addTo(ProxyConfiguration proxies) {
    for (String scheme : new String[] {"http", "https"}) {
      String host = System.getProperty(scheme + ".proxyHost");
      if (host != null && !host.isBlank()) {
        int port = Integer.getInteger(scheme + ".proxyPort", scheme.equals("http") ? 80 : 443);
        proxies.addProxy(new OfScheme(scheme, host, port));
      }
    }
  }

  private static final class OfScheme extends HttpProxy {
    private final String scheme;

    OfScheme(String scheme, String host, int port) {
      super(host, port);
      this.scheme = scheme;
    }

    /** The JDK knows its exceptions. */
    @Override
    public boolean matches(Origin origin) {
      if (!scheme.equalsIgnoreCase(origin.getScheme())) {
        return false;
      }
      try {
        URI uri =
            new URI(
                scheme,
                null,
                origin.getAddress().getHost(),
                origin.getAddress().getPort(),
                "/",
                null,
                null);
        return ProxySelector.getDefault().select(uri).stream()
            .anyMatch(
                proxy ->
                    proxy.type() == Proxy.Type.HTTP
                        && proxy.address() instanceof InetSocketAddress);
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }
}
