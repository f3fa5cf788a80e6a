package io.coterie.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Resolves a name for each connection, once: the addresses that were checked are the very ones that
 * are connected to, whatever the name leads to a moment later. Thread-safe.
 */
final class CheckedResolver implements SocketAddressResolver {

  private final Resolver resolver;
  private final Predicate<InetAddress> allowed;
  private final Executor executor;

  /**
   * @param allowed which addresses may be connected to
   * @param executor where names are resolved, which may take long
   */
  CheckedResolver(Resolver resolver, Predicate<InetAddress> allowed, Executor executor) {
    this.resolver = resolver;
    this.allowed = allowed;
    this.executor = executor;
  }

  @Override
  public void resolve(
      String host,
      int port,
      Map<String, Object> context,
      Promise<List<InetSocketAddress>> promise) {
    try {
      executor.execute(() -> resolve(host, port, promise));
    } catch (RejectedExecutionException e) {
      promise.failed(e);
    }
  }

  private void resolve(String host, int port, Promise<List<InetSocketAddress>> promise) {
    try {
      InetAddress[] addresses = resolver.resolve(host);
      if (addresses.length == 0) {
        throw new UnknownHostException(host);
      }
      // One bad address is enough: which of them is used in the end is not ours to say.
      if (!Arrays.stream(addresses).allMatch(allowed)) {
        throw new ForbiddenAddressException(host);
      }
      promise.succeeded(
          Arrays.stream(addresses).map(address -> new InetSocketAddress(address, port)).toList());
    } catch (IOException | RuntimeException e) {
      promise.failed(e);
    }
  }
}
