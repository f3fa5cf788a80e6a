package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.model.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever is sent to whichever route, and however that ends: the log never repeats it. */
class LogSecretsTest {

  /** In every place that a client can fill. */
  private static final String MARK = "hush-7Qz";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final List<String> secrets = new ArrayList<>(List.of(MARK, AppFixture.password()));

  @BeforeEach
  void capture() {
    PrintStream both = new PrintStream(written, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
  }

  @AfterEach
  void release() {
    System.setOut(out);
    System.setErr(err);
  }

  @Test
  void everyRoute_withSecretsEverywhere_logsALineAndNoSecret() {
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("the model says " + MARK));
    try (AppFixture server = AppFixture.startOnDiskWith(model)) {
      AppFixture.Login admin = server.login(MARK + "@example.com");
      secrets.add(admin.token());
      secrets.add(admin.email());
      String key =
          server
              .post(admin.token(), "/user/keys", AppFixture.object("name", MARK))
              .json()
              .path("key")
              .asText();
      secrets.add(key);
      secrets.add(key.substring(key.length() / 2));
      String chat = server.chat(admin);
      live(server, admin, chat);
      walk(server, admin, key, chat);
      assertSilent("requests");

      // What no handler foresaw: a database that refuses, and says what it was given.
      server.sql("ALTER TABLE messages ALTER COLUMN content SET DATA TYPE VARCHAR(100)");
      server.sql("ALTER TABLE users ALTER COLUMN email SET DATA TYPE VARCHAR(60)");
      server.sql("ALTER TABLE workspaces ALTER COLUMN name SET DATA TYPE VARCHAR(60)");
      server.sql("ALTER TABLE api_keys ALTER COLUMN name RENAME TO other");
      walk(server, admin, key, chat);
      String email = MARK + "x".repeat(80) + "@example.com";
      ObjectNode credentials = AppFixture.object("email", email, "password", MARK);
      assertThat(server.post(null, "/register", credentials).status()).isEqualTo(500);
      assertThat(server.get(admin.token(), "/user/keys").status()).isEqualTo(500);
      JsonNode named = AppFixture.object("name", MARK.repeat(9));
      assertThat(server.post(admin.token(), "/workspace", named).status()).isEqualTo(500);
      JsonNode message = AppFixture.object("chat_id", chat, "message", MARK.repeat(15));
      assertThat(server.post(admin.token(), "/chat/message", message).status()).isEqualTo(500);
      assertThat(log()).contains("status=500", " failed");
      assertSilent("a broken database");
    }
  }

  private void live(AppFixture server, AppFixture.Login user, String chat) {
    for (LiveTransport transport : LiveTransport.values()) {
      try (LiveClient client = transport.connect(server, user, chat, null)) {
        JsonNode message = AppFixture.object("chat_id", chat, "message", MARK);
        server.post(user.token(), "/chat/message?wait=true", message);
        client.await("message");
      }
      String wrong = LiveTransport.query(chat, MARK, null);
      RawClient.send(server, transport.opening(wrong).getBytes(StandardCharsets.UTF_8));
    }
    String string = server.connectionString(user, chat);
    String message = server.messageString(user, chat);
    secrets.addAll(List.of(string, message));
    try (ChatClient client = ChatClient.connect(server, chat, string, null)) {
      client.message(MARK, message);
      client.awaitRun("completed");
    }
  }

  /** Each route as the admin, with a key, with a wrong token, and as nobody. */
  private void walk(AppFixture server, AppFixture.Login admin, String key, String chat) {
    List<String> tokens = new ArrayList<>(List.of(admin.token(), key, MARK));
    tokens.add(null);
    for (Routes.Route route : server.app().routes()) {
      String method = route.method().equals("WS") ? "GET" : route.method();
      boolean ends = route.path().equals("/user") || route.path().startsWith("/admin/users");
      if (route.path().equals("/user/password") || (method.equals("DELETE") && ends)) {
        continue;
      }
      String path = route.path().replaceAll("\\{[^}]*}", MARK);
      String query =
          "?wait=true&poll=1&since=0&%1$s=%1$s&chat_id=%2$s&query=%1$s&workspace_id=%1$s&token=%1$s"
              .formatted(MARK, method.equals("DELETE") ? MARK : chat);
      for (String token : tokens) {
        Map<String, String> headers = new HashMap<>(Map.of("X-Mark", MARK, "Cookie", "a=" + MARK));
        headers.put("User-Agent", MARK);
        server.send(token, method, path + query, body(chat).toString(), headers);
        server.send(token, method, path, "{\"" + MARK + "\": nonsense", headers);
        server.send(token, method, path + query, "[\"" + MARK + "\"]", headers);
      }
    }
  }

  private static ObjectNode body(String chat) {
    ObjectNode body = AppFixture.object("chat_id", chat, "model", "echo");
    for (String name :
        List.of("message", "title", "email", "password", "name", "agent_id", "expires_in")) {
      body.put(name, MARK);
    }
    body.putArray("messages").add(AppFixture.object("role", "user", "content", MARK));
    return body;
  }

  private void assertSilent(String after) {
    String log = log();
    for (String secret : secrets) {
      assertThat(log.lines().filter(line -> line.contains(secret))).as(after).isEmpty();
    }
  }

  private String log() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
