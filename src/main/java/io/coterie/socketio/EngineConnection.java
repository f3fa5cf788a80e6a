package io.coterie.socketio;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of Engine.IO, over whichever transport it has at the moment: what waits to be
 * sent, the heartbeat, the change of transport and the end. Thread-safe; nothing here blocks.
 */
final class EngineConnection {

  /** What comes in over a connection. */
  interface Receiver {
    void text(String message);

    void binary();

    /** Called once. */
    void ended();
  }

  private enum State {
    OPEN,
    CLOSING,
    CLOSED
  }

  private record Outgoing(String packet, Runnable written) {}

  private static final Logger log = LoggerFactory.getLogger(EngineConnection.class);

  /** For one who is told at once, because little waits. */
  private static final Runnable TOLD = () -> {};

  /** A client that reads nothing may have no more than this unread, whatever it provokes. */
  private static final int MAX_WAITING = 1_000;

  /**
   * How much may wait for the next poll, in UTF-16 units, while senders are told to go on already:
   * else each packet would take a round trip.
   */
  private static final int AHEAD = 32 * 1024;

  private static final long CLOSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final String sid;
  private final SocketIoServer.Heartbeat heartbeat;
  private final Consumer<EngineConnection> onEnd;
  private final Object receiving = new Object();
  private final AtomicInteger wakeups = new AtomicInteger();
  private final Deque<Outgoing> waiting = new ArrayDeque<>();
  private int waitingChars;
  private Receiver receiver;
  private Transport transport;
  private Transport candidate;
  private boolean probed;
  private State state = State.OPEN;
  private long deadline;
  private long heardAt;
  private boolean pinged;

  EngineConnection(
      String sid,
      SocketIoServer.Heartbeat heartbeat,
      Transport transport,
      long now,
      Consumer<EngineConnection> onEnd) {
    this.sid = sid;
    this.heartbeat = heartbeat;
    this.transport = transport;
    this.heardAt = now;
    this.onEnd = onEnd;
  }

  String sid() {
    return sid;
  }

  /** To be called once, before anything is received. */
  void receiver(Receiver value) {
    receiver = value;
  }

  /** Sends a packet that its sender does not wait for. */
  void send(String packet) {
    send(packet, TOLD);
  }

  /**
   * Sends a packet; {@code written} is called once, also on this thread, unless the connection ends
   * first.
   */
  void send(String packet, Runnable written) {
    boolean tooMany;
    boolean tellNow = false;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      tooMany = waiting.size() >= MAX_WAITING;
      if (!tooMany) {
        waitingChars += packet.length();
        tellNow = transport.isPolling() && waitingChars <= AHEAD;
        waiting.add(new Outgoing(packet, tellNow ? TOLD : written));
      }
    }
    if (tooMany) {
      abort();
      return;
    }
    flush();
    if (tellNow) {
      written.run();
    }
  }

  /** Handles what the client sent with one request, one request after the other. */
  void receive(List<EnginePacket> packets, long now) {
    synchronized (receiving) {
      packets.forEach(packet -> receive(packet, now));
    }
  }

  /** Handles what the client sent; not to be called by two at once. */
  void receive(EnginePacket packet, long now) {
    switch (packet.type()) {
      case MESSAGE -> receiver.text(packet.data());
      case BINARY -> receiver.binary();
      case PONG -> heard(now);
      case CLOSE -> closedByClient();
      case NOOP, UPGRADE -> {}
      case OPEN, PING -> abort();
    }
  }

  /** Ends the connection after what waits has been written, or soon where it cannot be. */
  void close(long now) {
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      state = State.CLOSING;
      deadline = now + CLOSE_NANOS;
    }
    flush();
  }

  /** Ends the connection without writing what waits. */
  void abort() {
    Transport last = end();
    if (last != null) {
      last.abort();
    }
  }

  /** Its transport has gone. A transport that it no longer has, or not yet, may go. */
  void lost(Transport gone) {
    synchronized (this) {
      if (gone == candidate) {
        candidate = null;
        probed = false;
      }
      if (gone != transport) {
        return;
      }
    }
    end();
  }

  /** Whether it has this transport at the moment. */
  synchronized boolean isOver(Transport other) {
    return state != State.CLOSED && transport == other;
  }

  /** Lets a second transport ask for the place of the first; false where it may not. */
  synchronized boolean propose(Transport next, long now) {
    if (state != State.OPEN || candidate != null || !transport.isPolling()) {
      return false;
    }
    candidate = next;
    deadline = now + CLOSE_NANOS;
    return true;
  }

  synchronized boolean isCandidate(Transport other) {
    return candidate == other;
  }

  /**
   * The candidate works: from now on polls are answered at once, so that the client can end them.
   */
  boolean probed(Transport next) {
    synchronized (this) {
      if (candidate != next) {
        return false;
      }
      probed = true;
    }
    flush();
    return true;
  }

  /** The candidate takes the place of the transport there was. */
  boolean upgrade(Transport next) {
    Transport former;
    synchronized (this) {
      if (candidate != next || !probed || state == State.CLOSED) {
        return false;
      }
      former = transport;
      transport = next;
      candidate = null;
      probed = false;
    }
    former.close();
    flush();
    return true;
  }

  /** To be called now and then: sends heartbeats and ends what is overdue. */
  void tick(long now) {
    Transport late = null;
    boolean dead = false;
    boolean ping = false;
    synchronized (this) {
      if (state == State.CLOSING) {
        dead = now - deadline >= 0;
      } else if (state == State.OPEN) {
        if (candidate != null && now - deadline >= 0) {
          late = candidate;
          candidate = null;
          probed = false;
        }
        long silence = now - heardAt;
        dead = pinged && silence >= heartbeat.interval().plus(heartbeat.timeout()).toNanos();
        ping = !pinged && silence >= heartbeat.interval().toNanos();
        pinged |= ping;
      }
    }
    if (late != null) {
      late.abort();
    }
    if (dead) {
      abort();
    } else if (ping) {
      send(EnginePacket.PING);
    }
  }

  /** Writes as much as the transport takes, one caller doing so for all. */
  void flush() {
    if (wakeups.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      boolean more = true;
      while (more) {
        more = safeStep();
      }
      seen = wakeups.addAndGet(-seen);
    } while (seen > 0);
  }

  /** What goes wrong here ends this connection and reaches nobody else. */
  private boolean safeStep() {
    try {
      return step();
    } catch (RuntimeException e) {
      log.error("A connection failed", e);
      abort();
      return false;
    }
  }

  private boolean step() {
    Transport via;
    boolean last;
    List<Outgoing> batch = new ArrayList<>();
    List<String> packets = new ArrayList<>();
    synchronized (this) {
      if (state == State.CLOSED || !transport.isWritable()) {
        return false;
      }
      via = transport;
      while (!waiting.isEmpty() && (batch.isEmpty() || via.isPolling())) {
        Outgoing next = waiting.remove();
        waitingChars -= next.packet().length();
        batch.add(next);
        packets.add(next.packet());
      }
      last = state == State.CLOSING && waiting.isEmpty() && (batch.isEmpty() || via.isPolling());
      if (batch.isEmpty() && !last) {
        if (!probed) {
          return false;
        }
        packets.add(EnginePacket.NOOP);
      }
    }
    if (last && via.isPolling()) {
      packets.add(EnginePacket.CLOSE);
    }
    if (packets.isEmpty()) {
      end();
      via.close();
      return false;
    }
    via.write(
        packets,
        () -> {
          batch.forEach(each -> each.written().run());
          if (last) {
            end();
          } else {
            flush();
          }
        });
    return true;
  }

  private synchronized void heard(long now) {
    heardAt = now;
    pinged = false;
  }

  /** The client said so; a poll of its that waits is answered. */
  private void closedByClient() {
    Transport last = end();
    if (last != null) {
      last.close();
    }
  }

  /** Answers the transport that is to be closed; null where that was done before. */
  private Transport end() {
    Transport last;
    Transport proposed;
    synchronized (this) {
      if (state == State.CLOSED) {
        return null;
      }
      state = State.CLOSED;
      waiting.clear();
      waitingChars = 0;
      last = transport;
      proposed = candidate;
      candidate = null;
    }
    if (proposed != null) {
      proposed.abort();
    }
    onEnd.accept(this);
    receiver.ended();
    return last;
  }
}
