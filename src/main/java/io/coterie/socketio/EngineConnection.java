package io.coterie.socketio;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of Engine.IO, over whichever transport it has at the moment: what waits to be
 * sent, the heartbeat, the change of transport and the end. Thread-safe; nothing here blocks.
 */
final class EngineConnection {

  private enum State {
    OPEN,
    CLOSING,
    CLOSED
  }

  private static final Logger log = LoggerFactory.getLogger(EngineConnection.class);

  private static final Runnable NOBODY = () -> {};

  /**
   * How much may wait for the next poll, in UTF-16 units, while senders are told to go on already:
   * else each packet would take a round trip.
   */
  private static final int AHEAD = 32 * 1024;

  /** For a client to let itself be closed, or to change to a transport that it has opened. */
  private static final long GRACE_NANOS = Duration.ofSeconds(10).toNanos();

  private final String sid;
  private final Consumer<EngineConnection> onEnd;
  private final ReentrantLock receiving = new ReentrantLock();
  private final OneForAll writing = new OneForAll(this::safeStep);
  private final SendQueue waiting = new SendQueue();
  private final Candidate candidate = new Candidate();
  private final Liveness liveness;
  private Receiver receiver;
  private Transport transport;
  private State state = State.OPEN;
  private long closeDeadline;
  private boolean clientTold;

  EngineConnection(
      String sid,
      SocketIoServer.Heartbeat heartbeat,
      Transport transport,
      long now,
      Consumer<EngineConnection> onEnd) {
    this.sid = sid;
    this.liveness = new Liveness(heartbeat, now);
    this.transport = transport;
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
    send(packet, NOBODY, true);
  }

  /**
   * Sends a packet; {@code written} is called once, also on this thread, unless the connection ends
   * first.
   */
  void send(String packet, Runnable written) {
    send(packet, written, false);
  }

  private void send(String packet, Runnable written, boolean unpaced) {
    boolean tellNow;
    boolean added;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      tellNow = transport.isPolling() && waiting.chars() + packet.length() <= AHEAD;
      added = waiting.add(new SendQueue.Outgoing(packet, tellNow ? NOBODY : written, unpaced));
    }
    if (!added) {
      abort();
      return;
    }
    flush();
    if (tellNow) {
      written.run();
    }
  }

  /**
   * Handles what the client sent with one request, up to what ends the connection; false where it
   * sent another one meanwhile, which the protocol forbids.
   */
  boolean receive(EnginePacket.Payload packets, long now) throws EnginePacket.MalformedException {
    if (!receiving.tryLock()) {
      return false;
    }
    try {
      while (packets.hasNext() && !isClosed()) {
        handle(packets.next(), now);
      }
      return true;
    } finally {
      receiving.unlock();
    }
  }

  /** Handles what the client sent, one packet after the other. */
  void receive(EnginePacket packet, long now) {
    receiving.lock();
    try {
      if (!isClosed()) {
        handle(packet, now);
      }
    } finally {
      receiving.unlock();
    }
  }

  private void handle(EnginePacket packet, long now) {
    switch (packet.type()) {
      case MESSAGE -> receiver.text(packet.data());
      case BINARY -> receiver.binary();
      case PONG -> heard(now);
      case CLOSE -> endInOrder();
      case NOOP, UPGRADE -> {}
      case OPEN, PING -> abort();
    }
  }

  /**
   * Ends the connection after what waits has been written, or soon where it cannot be.
   *
   * @param told whether what waits tells the client to end it
   */
  void close(long now, boolean told) {
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      state = State.CLOSING;
      closeDeadline = now + GRACE_NANOS;
      clientTold = told;
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
      if (candidate.is(gone)) {
        candidate.drop();
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
    if (state != State.OPEN || candidate.isThere() || !transport.isPolling()) {
      return false;
    }
    candidate.set(next, now + GRACE_NANOS);
    return true;
  }

  synchronized boolean isCandidate(Transport other) {
    return candidate.is(other);
  }

  /**
   * The candidate works: from now on polls are answered at once, so that the client can end them.
   */
  boolean probed(Transport next) {
    synchronized (this) {
      if (!candidate.is(next)) {
        return false;
      }
      candidate.probe();
    }
    flush();
    return true;
  }

  /** The candidate takes the place of the transport there was. */
  boolean upgrade(Transport next) {
    Transport former;
    synchronized (this) {
      if (!candidate.is(next) || !candidate.isProbed() || state == State.CLOSED) {
        return false;
      }
      former = transport;
      transport = next;
      candidate.drop();
    }
    former.close();
    flush();
    return true;
  }

  /** To be called now and then: sends heartbeats and ends what is overdue. */
  void tick(long now) {
    Transport late = null;
    Liveness.Verdict verdict;
    synchronized (this) {
      if (candidate.isOverdue(now)) {
        late = candidate.drop();
      }
      verdict = liveness.look(now);
      if (state == State.CLOSING && now - closeDeadline >= 0) {
        verdict = Liveness.Verdict.DEAD;
      }
    }
    if (late != null) {
      late.abort();
    }
    switch (verdict) {
      case DEAD -> abort();
      case PING -> send(EnginePacket.PING);
      case FINE -> {}
    }
  }

  /** Writes as much as the transport takes. */
  void flush() {
    writing.run();
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
    List<SendQueue.Outgoing> batch;
    List<String> packets = new ArrayList<>();
    synchronized (this) {
      if (state == State.CLOSED || !transport.isWritable()) {
        return false;
      }
      via = transport;
      batch = waiting.take(via.isPolling());
      batch.forEach(each -> packets.add(each.packet()));
      last = state == State.CLOSING && waiting.isEmpty() && (batch.isEmpty() || via.isPolling());
      if (batch.isEmpty() && !last) {
        if (!candidate.isProbed()) {
          return false;
        }
        packets.add(EnginePacket.NOOP);
      }
    }
    if (last && via.isPolling()) {
      packets.add(EnginePacket.CLOSE);
    }
    if (packets.isEmpty()) {
      if (clientTold) {
        via.linger();
        end();
      } else {
        // A close frame that it did not ask for is no end to the Java client: it would stay, deaf.
        abort();
      }
      return false;
    }
    via.write(
        packets,
        () -> {
          batch.forEach(each -> each.written().run());
          if (last) {
            endInOrder();
          } else {
            flush();
          }
        });
    return true;
  }

  private void endInOrder() {
    Transport last = end();
    if (last != null) {
      last.close();
    }
  }

  private synchronized boolean isClosed() {
    return state == State.CLOSED;
  }

  private synchronized void heard(long now) {
    liveness.heard(now);
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
      last = transport;
      proposed = candidate.drop();
    }
    if (proposed != null) {
      proposed.abort();
    }
    onEnd.accept(this);
    try {
      receiver.ended();
    } catch (RuntimeException e) {
      log.error("The end of a connection could not be told", e);
    }
    return last;
  }
}
