package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** A chat that is deleted in the very moment in which others begin to use it. */
class DeletionRaceTest extends SharedServer {

  private static final int ROUNDS = 60;

  @Test
  void chat_deletedWhileClientsBeginToFollow_leavesNobodyBehind() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String chat = chat();
      String string = app.connectionString(user, chat);
      List<Callable<Integer>> all =
          List.of(
              () -> delete(chat),
              () -> connectUntilClosed(chat, string),
              () -> followUntilEnded(chat),
              () -> ask(chat, "@echo hello").status());
      List<Integer> results = AllAtOnce.call(all);
      assertThat(results.get(0)).isEqualTo(200);
      assertThat(results.get(1)).isIn(404, 4404);
      assertThat(results.get(2)).isIn(404, 200);
      assertThat(results.get(3)).isIn(404, 200);
    }
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
    assertThat(app.followedChats()).isZero();
    assertThat(Sql.isIdle(app)).isTrue();
  }

  private int delete(String chat) {
    return app.delete(user.token(), "/chat?chat_id=" + chat, null).status();
  }

  /** The close code, or the status that the upgrade was refused with. */
  private int connectUntilClosed(String chat, String string) {
    try (ChatClient client = ChatClient.connect(app, chat, string, 0L)) {
      return client.awaitClose();
    } catch (RuntimeException e) {
      return refusal(e);
    }
  }

  private static int refusal(RuntimeException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof WebSocketHandshakeException refused) {
        return refused.getResponse().statusCode();
      }
    }
    throw e;
  }

  private int followUntilEnded(String chat) {
    String path = "/chat/events?chat_id=" + chat + "&since=0";
    try (EventStream stream = EventStream.open(app, user.token(), "GET", path, null, Map.of())) {
      stream.awaitEnd();
      return stream.response().statusCode();
    }
  }
}
