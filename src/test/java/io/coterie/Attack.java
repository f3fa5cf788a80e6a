package io.coterie;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Many connections at once by one thread, which leave nothing to the server but to cope. */
final class Attack {

  private final ServerProcess server;
  private final byte[] request;
  private final long end;

  /** What an attacker's connection is about. */
  private static final class Line {
    ByteBuffer left;
  }

  private enum Manner {
    /** Sends it and stays. */
    STAYS,
    /** Sends it, and again once it is answered. */
    REPEATS,
    /** Sends it, and then a byte now and then. */
    DRIPS
  }

  private Attack(ServerProcess server, Duration length, byte[] request) {
    this.server = server;
    this.request = request;
    this.end = System.nanoTime() + length.toNanos();
  }

  /** Connections that each send that and stay. */
  static Runnable sockets(ServerProcess server, int count, Duration length, byte[] request) {
    return () -> new Attack(server, length, request).run(count, Manner.STAYS);
  }

  /** Connections that each send that again and again. */
  static Runnable repeated(ServerProcess server, int count, Duration length, byte[] request) {
    return () -> new Attack(server, length, request).run(count, Manner.REPEATS);
  }

  /** Connections that each send that, and then more, a byte at a time. */
  static Runnable dripping(ServerProcess server, int count, Duration length, byte[] request) {
    return () -> new Attack(server, length, request).run(count, Manner.DRIPS);
  }

  private void run(int count, Manner manner) {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < count; i++) {
        open(selector);
      }
      ByteBuffer answer = ByteBuffer.allocate(1 << 16);
      long drip = System.nanoTime();
      while (System.nanoTime() < end) {
        selector.select(50);
        for (SelectionKey key : selector.selectedKeys()) {
          step(key, answer, manner, selector);
        }
        selector.selectedKeys().clear();
        if (manner == Manner.DRIPS && System.nanoTime() - drip > 200_000_000L) {
          drip = System.nanoTime();
          selector.keys().forEach(Attack::drip);
        }
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void open(Selector selector) throws IOException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port()));
    channel.configureBlocking(false);
    Line line = new Line();
    line.left = ByteBuffer.wrap(request);
    channel.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE, line);
  }

  private void step(SelectionKey key, ByteBuffer answer, Manner manner, Selector selector)
      throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    Line line = (Line) key.attachment();
    try {
      if (key.isWritable()) {
        channel.write(line.left);
        if (!line.left.hasRemaining()) {
          key.interestOps(SelectionKey.OP_READ);
        }
      }
      if (key.isReadable()) {
        int read = channel.read(answer.clear());
        if (read < 0) {
          throw new IOException("closed");
        }
        if (manner == Manner.REPEATS && !line.left.hasRemaining()) {
          line.left = ByteBuffer.wrap(request);
          key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
      }
    } catch (IOException e) {
      channel.close();
      if (manner == Manner.REPEATS) {
        open(selector);
      }
    }
  }

  private static void drip(SelectionKey key) {
    try {
      ((SocketChannel) key.channel()).write(ByteBuffer.wrap(new byte[] {' '}));
    } catch (IOException e) {
      key.cancel();
    }
  }
}
