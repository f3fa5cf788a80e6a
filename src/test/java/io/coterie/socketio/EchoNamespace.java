package io.coterie.socketio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.coterie.http.Json;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends events back and acknowledges them with their arguments; {@code refuse} in a client's auth
 * is why it is not let in.
 */
final class EchoNamespace implements Namespace {

  private final Queue<Client> clients = new ConcurrentLinkedQueue<>();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

  @Override
  public Admission admit(Request request) throws RefusedException {
    requests.add(request);
    String refusal = request.param("refuse");
    if ("crash".equals(refusal)) {
      throw new IllegalStateException("as asked for");
    }
    if (refusal != null) {
      throw new RefusedException(refusal);
    }
    return peer -> {
      if (request.param("crash_late") != null) {
        throw new IllegalStateException("as asked for");
      }
      Client client = new Client(peer, request.param("crash_at_end") != null);
      clients.add(client);
      return client;
    };
  }

  /** Those who were let in, the gone ones included. */
  List<Client> clients() {
    return List.copyOf(clients);
  }

  /** The one who was let in last. */
  Client last() {
    List<Client> all = clients();
    return all.get(all.size() - 1);
  }

  /** All attempts, the refused ones included. */
  List<Request> requests() {
    return List.copyOf(requests);
  }

  static final class Client implements Listener {
    private final Peer peer;
    private final boolean crashesAtEnd;
    private final AtomicInteger gone = new AtomicInteger();
    private final AtomicInteger binary = new AtomicInteger();
    private final AtomicInteger malformed = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicBoolean overlapped = new AtomicBoolean();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private final CountDownLatch held = new CountDownLatch(1);

    Client(Peer peer, boolean crashesAtEnd) {
      this.peer = peer;
      this.crashesAtEnd = crashesAtEnd;
    }

    @Override
    public JsonNode event(String name, List<JsonNode> args) {
      if (inside.incrementAndGet() > 1) {
        overlapped.set(true);
      }
      ArrayNode array = Json.MAPPER.createArrayNode().addAll(args);
      events.add(name + array);
      if (name.equals("hold")) {
        hold();
      } else if (name.equals("echo")) {
        peer.emit(Json.write(Json.MAPPER.createArrayNode().add(name).addAll(args)), () -> {});
      }
      inside.decrementAndGet();
      return array;
    }

    @Override
    public void binary() {
      binary.incrementAndGet();
    }

    @Override
    public void malformed() {
      malformed.incrementAndGet();
    }

    @Override
    public void gone() {
      gone.incrementAndGet();
      if (crashesAtEnd) {
        throw new IllegalStateException("as asked for");
      }
    }

    Peer peer() {
      return peer;
    }

    int timesGone() {
      return gone.get();
    }

    int refusedBinary() {
      return binary.get();
    }

    int refusedMalformed() {
      return malformed.get();
    }

    boolean overlapped() {
      return overlapped.get();
    }

    List<String> events() {
      return List.copyOf(events);
    }

    /** Lets the event {@code hold} come to its end. */
    void release() {
      held.countDown();
    }

    /** Sends {@code ["n",from]} and so on, each once the one before was taken. */
    Pump pump(int from, int to) {
      Pump pump = new Pump(peer, from, to);
      pump.go();
      return pump;
    }

    private void hold() {
      try {
        held.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A sender that waits until each event was taken. */
  static final class Pump {
    private final Peer peer;
    private final int to;
    private final AtomicInteger next;
    private final AtomicBoolean ready = new AtomicBoolean(true);
    private final OneForAll sending = new OneForAll(this::step);

    private Pump(Peer peer, int from, int to) {
      this.peer = peer;
      this.to = to;
      this.next = new AtomicInteger(from);
    }

    /** How many were given to the connection so far. */
    int next() {
      return next.get();
    }

    private void go() {
      sending.run();
    }

    private boolean step() {
      if (next.get() >= to || !ready.compareAndSet(true, false)) {
        return false;
      }
      peer.emit(
          "[\"n\"," + next.getAndIncrement() + "]",
          () -> {
            ready.set(true);
            go();
          });
      return true;
    }
  }
}
