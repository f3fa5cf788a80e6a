package io.coterie;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/** Passes bytes between clients and a server on this machine, until it cuts them off. */
public final class CuttableProxy implements AutoCloseable {

  private final IntSupplier target;
  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  public CuttableProxy(int target) {
    this(() -> target);
  }

  /**
   * @param target asked for each connection; where nobody listens, the client's is closed
   */
  public CuttableProxy(IntSupplier target) {
    this.target = target;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** Ends all connections there are; new ones are served. */
  public void cut() {
    sockets.forEach(CuttableProxy::close);
  }

  /** Ends some of the connections there are, each with that probability. */
  public void cutSome(Random random, double probability) {
    sockets.forEach(
        socket -> {
          if (random.nextDouble() < probability) {
            close(socket);
          }
        });
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        connect(client);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void connect(Socket client) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target.getAsInt());
      sockets.add(client);
      sockets.add(server);
      daemon(() -> pass(client, server));
      daemon(() -> pass(server, client));
    } catch (IOException e) {
      close(client);
    }
  }

  private void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One side has gone, and the other goes with it.
    } finally {
      close(from);
      close(to);
      sockets.remove(from);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
