package io.coterie;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;

/**
 * A TCP connection that a test can treat badly: it can stop to read, and it can vanish with a
 * reset. Thread-safe.
 */
public final class WireSocket extends Socket {

  private final Object valve = new Object();
  private boolean stalled;
  private boolean over;

  /** A connection to that port of this machine. */
  public static WireSocket connect(int port) throws IOException {
    WireSocket socket = new WireSocket();
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", port));
    return socket;
  }

  /** Reads nothing from now on; what comes waits in the kernel, and then at the server. */
  public void stall() {
    synchronized (valve) {
      stalled = true;
    }
  }

  /** Reads again. */
  public void goOn() {
    synchronized (valve) {
      stalled = false;
      valve.notifyAll();
    }
  }

  /** Breaks the connection at once: the server gets a reset and no goodbye. */
  public void reset() {
    try {
      setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already.
    }
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (valve) {
      over = true;
      valve.notifyAll();
    }
    super.close();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        awaitValve();
        return super.read();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        awaitValve();
        return super.read(bytes, offset, length);
      }
    };
  }

  private void awaitValve() throws IOException {
    synchronized (valve) {
      while (stalled && !over) {
        try {
          valve.wait();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    }
  }
}
