package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.Transcript;
import io.coterie.endure.EnduringServer.Life;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that follows a chat over one transport and over one connection after another, as they
 * are cut by the proxy, by itself and by the end of the server. Thread-safe.
 */
final class Follower {

  private static final long PATIENCE_SECONDS = 40;

  private final Stage stage;
  private final Chat chat;
  private final LiveTransport transport;
  private final Random random;
  private final Transcript transcript;
  private final Map<String, CompletableFuture<String>> said = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::run, "follower");
  private volatile LiveClient client;
  private volatile boolean over;
  private volatile boolean isGood;

  Follower(Stage stage, Chat chat, LiveTransport transport, long seed) {
    this.stage = stage;
    this.chat = chat;
    this.transport = transport;
    this.random = new Random(seed);
    this.transcript = new Transcript(transport.streams());
    thread.setDaemon(true);
    thread.start();
  }

  boolean canSay() {
    return transport != LiveTransport.SSE && transport != LiveTransport.POLLING && client != null;
  }

  /**
   * Says something over the connection there is; answers {@code feedback}, the code of the error
   * with which it was refused, or {@code ended} where the connection ended first.
   */
  String say(String text, String messageString) {
    LiveClient present = client;
    if (present == null) {
      return "ended";
    }
    CompletableFuture<String> answer = new CompletableFuture<>();
    said.put(text, answer);
    try {
      Life life = stage.server().await();
      present.post(text, messageString);
      long begun = System.nanoTime();
      while (true) {
        try {
          return answer.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          if (client != present || life.isDoomed()) {
            return "ended";
          }
          if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
            stage.findings().add("never answered over " + transport, chat.id + ": " + text);
            return "ended";
          }
        }
      }
    } catch (IOException e) {
      return "ended";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "ended";
    } catch (java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e);
    } finally {
      said.remove(text);
    }
  }

  /** From now on keeps its connection. */
  void beGood() {
    isGood = true;
  }

  /** The number of the last event it was told of. */
  long lastSeq() {
    return transcript.lastSeq();
  }

  /** What it was told, which is to be all there is. */
  List<JsonNode> stored() {
    return transcript.stored();
  }

  /** Leaves for good. */
  void leave() {
    over = true;
    LiveClient last = client;
    if (last != null) {
      last.close();
    }
  }

  void join() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    stage.findings().check(!thread.isAlive(), "a client that hangs", transport + " " + chat.id);
    stage
        .figures()
        .count("followed over " + transport + ": replies compared", transcript.compared());
    stage.figures().count("followed over " + transport + ": caught up with", transcript.catchUps());
  }

  private void run() {
    while (!over && chat.isAlive() && transcript.fault() == null) {
      try {
        connection();
      } catch (CutOffException e) {
        // Noted already where it is not explained.
      } catch (UncheckedIOException | IllegalArgumentException e) {
        stage.figures().count("followed over " + transport + ": connecting failed");
      } catch (RuntimeException e) {
        // A Socket.IO client's connect_error.
        stage.figures().count("followed over " + transport + ": refused");
      }
      pause(300);
    }
    if (transcript.fault() != null) {
      stage.findings().add("a transcript that does not add up, " + transport, transcript.fault());
    }
  }

  private void connection() {
    String string = null;
    if (transport.usesString()) {
      String path = "/chat/authorize?chat_id=" + chat.id;
      string =
          stage
              .api()
              .call(chat.owner, chat, "GET", path, null, 200)
              .json()
              .path("connection_string")
              .asText();
    }
    Life life = stage.server().await();
    boolean direct = isGood || random.nextInt(3) == 0;
    int port = direct ? life.port() : stage.proxy().port();
    transcript.connected();
    LiveClient next =
        transport.connect(
            port, chat.owner.token(), string, chat.id, transcript.lastSeq(), this::receive);
    client = next;
    if (over) {
      next.close();
    }
    if (string != null) {
      stage.strings().used(chat.id, string);
    }
    stage.figures().count("followed over " + transport + ": connections");
    try {
      stay(next);
    } finally {
      client = null;
      said.values().forEach(answer -> answer.complete("ended"));
      if (next.closeCode() != 0) {
        stage.figures().count("closed by the server with " + next.closeCode());
      }
    }
  }

  private void stay(LiveClient connected) {
    if (!isGood && random.nextInt(8) == 0 && canStall()) {
      connected.stall();
      pause(1_000 + random.nextInt(5_000));
      connected.goOn();
      stage.figures().count("slow readers");
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_000 + random.nextInt(20_000));
    while (!connected.awaitEnd(500)) {
      boolean ends = !chat.isAlive() || transcript.fault() != null;
      if (over || ends || (!isGood && System.nanoTime() > until)) {
        if (random.nextBoolean()) {
          connected.cut();
        } else {
          connected.close();
        }
        return;
      }
    }
  }

  private boolean canStall() {
    return !Set.of(LiveTransport.POLLING, LiveTransport.SOCKET_IO_POLLING).contains(transport);
  }

  private void receive(JsonNode event) {
    Set<String> words = Markers.users(event.toString());
    words.remove(chat.owner.marker);
    stage.findings().check(words.isEmpty(), "sees what is another's", transport + " " + event);
    transcript.accept(event);
    if (event.has("seq")) {
      try {
        chat.record.told(List.of(event));
      } catch (AssertionError e) {
        stage.findings().add("told twice, and not the same", e.getMessage());
      }
    }
    JsonNode data = event.path("data");
    switch (event.path("event").asText()) {
      case "feedback" -> answered(data.path("message").asText(), "feedback");
      case "error" -> {
        if (!event.has("seq")) {
          said.keySet().forEach(text -> answered(text, data.path("code").asText()));
        }
      }
      default -> {}
    }
  }

  private void answered(String text, String how) {
    CompletableFuture<String> answer = said.get(text);
    if (answer != null) {
      answer.complete(how);
    }
  }

  private void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(over ? 0 : millis));
  }
}
