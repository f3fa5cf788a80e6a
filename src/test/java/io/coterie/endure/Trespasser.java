package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import io.coterie.AllAtOnce;
import io.coterie.RawClient;
import io.coterie.RawWebSocket;
import io.coterie.WireSocket;
import io.coterie.endure.EnduringServer.Life;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Who wants what is not theirs, and who sends what nobody should. */
final class Trespasser {

  private static final int LARGE = 1_000_000;
  private static final int LARGE_AT_ONCE = 8;
  private static final long LARGE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String NO_ANSWER = "waited for to its end"; // which never comes

  private final Stage stage;
  private final Random random;

  Trespasser(Stage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  /** Somebody else's chat and workspace, by their ids, on every route that takes one. */
  void snoop(User user) {
    User other = stage.users().get(random.nextInt(stage.users().size()));
    List<Chat> chats = other.chats();
    if (other == user || chats.isEmpty()) {
      return;
    }
    String chat = chats.get(random.nextInt(chats.size())).id;
    String query = "?chat_id=" + chat;
    for (String path :
        List.of("/chat", "/chat/messages", "/chat/authorize", "/chat/authorize/message")) {
      refused(user, "GET", path + query);
    }
    refused(user, "GET", "/chat/events" + query + "&poll=1&since=0");
    refused(user, "DELETE", "/chat" + query);
    refused(user, "POST", "/chat/cancel" + query);
    refused(user, "POST", "/chat/retry" + query);
    String text = Markers.REFUSED + " " + user.marker;
    stage
        .api()
        .call(
            user,
            null,
            "POST",
            "/chat/message",
            object("chat_id", chat, "message", text),
            401,
            404);
    for (Space space : other.aliveSpaces().stream().limit(1).toList()) {
      stage.api().call(user, null, "GET", "/workspace/" + space.id, null, 403, 404);
      stage.api().call(user, null, "GET", "/workspace/" + space.id + "/chats", null, 403, 404);
      stage.api().call(user, null, "DELETE", "/workspace/" + space.id, null, 403, 404);
      stage.api().call(user, null, "POST", "/chat?workspace_id=" + space.id, null, 401, 404);
    }
    if (user != stage.users().get(0)) {
      stage.api().call(user, null, "GET", "/admin/users", null, 403);
      stage.api().call(user, null, "POST", "/admin/backup", null, 403);
    }
  }

  private void refused(User user, String method, String path) {
    stage.api().call(user, null, method, path, null, 401, 404);
  }

  /** What is gone is asked for again. */
  void digUp() {
    List<Stage.Gone> gone = stage.gone();
    if (!gone.isEmpty()) {
      stage.checkGone(gone.get(random.nextInt(gone.size())));
    }
  }

  /** A string that has opened a connection, presented again; also after the server was killed. */
  void reuse() {
    OneTime.Used used = stage.strings().any(random);
    if (used != null) {
      Life life = stage.server().await();
      int status = upgrade(life, used.chatId(), used.string());
      stage
          .findings()
          .check(
              status == 401 || life.isDoomed(),
              "a connection string that is good twice",
              "" + status);
      stage.figures().count("strings presented again");
    }
  }

  /** A fresh string, presented by several at the same moment: one gets in. */
  void race(Chat chat) throws Exception {
    String path = "/chat/authorize?chat_id=" + chat.id;
    Life life = stage.server().await();
    String string =
        stage
            .api()
            .call(chat.owner, chat, "GET", path, null, 200)
            .json()
            .path("connection_string")
            .asText();
    List<Callable<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(() -> upgrade(life, chat.id, string));
    }
    List<Integer> statuses = AllAtOnce.call(all);
    boolean isOne = statuses.stream().filter(status -> status == 101).count() == 1;
    stage
        .findings()
        .check(
            isOne || life.isDoomed() || !chat.isAlive(),
            "not exactly one got in with a string",
            statuses.toString());
    stage.figures().count("strings presented by three at once");
  }

  private int upgrade(Life life, String chatId, String string) {
    String target = "/chat/connect?chat_id=" + chatId + "&connection_string=" + string;
    return raw(life, RawWebSocket.opening(target)).status();
  }

  /** Something that is no proper request; the answer says so, and is ours. */
  void malformed(User user) {
    List<String> all = MalformedRequests.all(user.token());
    String request = all.get(random.nextInt(all.size()));
    Life life = stage.server().await();
    RawClient.Reply reply = raw(life, request);
    boolean isRefusal = reply.status() >= 400 && reply.status() != 500;
    boolean isTold = reply.body().contains("\"msg\"") || reply.body().contains("\"error\"");
    stage
        .findings()
        .check(
            (isRefusal && isTold) || life.isDoomed(),
            "a bad request that is not refused properly",
            reply.status()
                + " "
                + reply.body()
                + " to "
                + request.substring(0, Math.min(200, request.length())));
    stage.figures().count("malformed requests answered " + reply.status());
  }

  /** Several at once that announce much, without a token, send most of it, and stop. */
  void largeBodies() {
    Life life = stage.server().await();
    List<WireSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < LARGE_AT_ONCE; i++) {
        WireSocket socket = WireSocket.connect(life.port());
        sockets.add(socket);
        send(socket);
      }
      long end = System.nanoTime() + LARGE_PATIENCE_NANOS;
      for (WireSocket socket : sockets) {
        String answer = read(socket, end);
        stage.figures().count("large bodies without a token: " + answer);
        stage
            .findings()
            .check(
                !answer.equals(NO_ANSWER) || life.isDoomed(),
                "a large body without a token",
                answer);
      }
    } catch (IOException e) {
      stage.findings().check(life.isDoomed(), "no connection", e.toString());
    } finally {
      sockets.forEach(WireSocket::reset);
    }
  }

  private static void send(WireSocket socket) {
    String head =
        "POST /workspace HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + LARGE + "\r\n\r\n{";
    try {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
      byte[] piece = " ".repeat(16_384).getBytes(StandardCharsets.UTF_8);
      for (int sent = 0; sent < LARGE - 100_000; sent += piece.length) {
        socket.getOutputStream().write(piece);
      }
    } catch (IOException e) {
      // Refused before all of it had come.
    }
  }

  private static String read(WireSocket socket, long end) {
    try {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      socket.setSoTimeout((int) Math.max(1, left));
      String head = RawClient.line(new BufferedInputStream(socket.getInputStream()));
      return head.replaceAll("\\D*1\\.1 (\\d+).*", "$1");
    } catch (SocketTimeoutException e) {
      return NO_ANSWER;
    } catch (IOException e) {
      return "closed without an answer";
    }
  }

  private RawClient.Reply raw(Life life, String request) {
    try {
      return RawClient.send(life.port(), request.getBytes(StandardCharsets.UTF_8));
    } catch (UncheckedIOException e) {
      stage
          .findings()
          .check(
              life.isDoomed() || life.process.hasEnded(),
              "no answer to a raw request",
              e + " to " + request.substring(0, Math.min(200, request.length())));
      throw new CutOffException("no answer", e);
    }
  }
}
