package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** What people do with their accounts: log in, change passwords, make keys, search, look back. */
final class AccountWork {

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Stage stage;
  private final Random random;

  AccountWork(Stage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  /** A new account, logged in. */
  User register() {
    int number = NUMBERS.incrementAndGet();
    User user = new User(number, "user" + number + "@example.com", "first " + number);
    JsonNode credentials = object("email", user.email, "password", user.password());
    stage.api().call(null, null, "POST", "/register", credentials, 200);
    login(user);
    return user;
  }

  void login(User user) {
    user.token(token(user, user.password(), 200));
  }

  /** Not often: so many within a minute are refused. */
  void loginWrongly(User user) {
    JsonNode wrong = object("email", user.email, "password", "wrong " + random.nextInt());
    stage.api().call(null, null, "POST", "/auth/login", wrong, 401);
  }

  /** Afterwards the earlier token is good no more, the new one is. */
  void changePassword(User user) {
    String old = user.password();
    String next = "next " + random.nextInt();
    String oldToken = user.token();
    user.change();
    String known = old;
    try {
      JsonNode change = object("current_password", old, "new_password", next);
      stage.api().call(user, null, "PUT", "/user/password", change, 200);
      known = next;
      User earlier = new User(user.number, user.email, old);
      earlier.token(oldToken);
      stage.api().call(earlier, null, "GET", "/workspace", null, 401);
    } finally {
      settle(user, known.equals(next) ? next : old, next);
    }
  }

  /** Tries until it is known which of the two it is. */
  private void settle(User user, String likely, String other) {
    while (true) {
      try {
        String token = token(user, likely, likely.equals(other) ? 200 : 0);
        if (token != null) {
          user.changed(likely, token);
        } else {
          user.changed(other, token(user, other, 200));
        }
        return;
      } catch (CutOffException e) {
        stage.server().await();
      }
    }
  }

  /** Null where the password is not that; {@code expected} is 200, or 0 for either. */
  private String token(User user, String password, int expected) {
    JsonNode credentials = object("email", user.email, "password", password);
    Reply reply =
        stage
            .api()
            .call(null, null, "POST", "/auth/login", credentials, 200, expected == 0 ? 401 : 200);
    return reply.status() == 200 ? reply.json().path("access_token").asText() : null;
  }

  /** A key works until it is revoked, and not a moment longer. */
  void keys(User user) {
    Reply made =
        stage
            .api()
            .call(
                user,
                null,
                "POST",
                "/user/keys",
                object("name", user.marker, "expires_in", "1h"),
                200);
    User key = new User(user.number, user.email, "");
    key.token(made.json().path("key").asText());
    stage.api().call(key, null, "GET", "/workspace", null, 200);
    stage.api().call(key, null, "GET", "/user/keys", null, 403);
    stage.api().call(user, null, "GET", "/user/keys", null, 200);
    String path = "/user/keys/" + made.json().path("key_id").asText();
    stage.api().call(user, null, "DELETE", path, null, 200);
    stage.api().call(key, null, "GET", "/workspace", null, 401);
  }

  void look(User user) {
    Reply reply = stage.api().call(user, null, "GET", "/user", null, 200);
    stage
        .findings()
        .check(
            reply.json().path("user").path("email").asText().equals(user.email),
            "sees what is another's",
            reply.text());
    stage.api().call(user, null, "GET", "/user/usage", null, 200);
  }

  /** What is stored is found, in the chats it is in and nowhere else; what is another's is not. */
  void search(Chat chat) {
    boolean written = chat.isWritten();
    Reply mine = find(chat, chat.marker);
    Set<String> found = new HashSet<>();
    mine.json().path("results").forEach(hit -> found.add(hit.path("chat_id").asText()));
    stage
        .findings()
        .check(
            !written || found.contains(chat.id) || !chat.isAlive(),
            "not found",
            chat.marker + " in " + chat.id);
    found.remove(chat.id);
    stage.findings().check(found.isEmpty(), "found elsewhere", chat.marker + ": " + mine.text());
    User other = stage.users().get(random.nextInt(stage.users().size()));
    if (other != chat.owner) {
      Reply theirs = find(chat, other.marker);
      stage
          .findings()
          .check(theirs.json().path("results").isEmpty(), "sees what is another's", theirs.text());
    }
  }

  private Reply find(Chat chat, String words) {
    return stage.api().call(chat.owner, null, "GET", "/chat/search?query=" + words, null, 200);
  }

  /** With all that it owns. */
  void delete(User user) {
    user.spaces.forEach(space -> space.become(Thing.State.DELETING));
    long begun = System.nanoTime();
    JsonNode password = object("password", user.password());
    stage.api().call(user, null, "DELETE", "/user", password, 200);
    stage.figures().latency("account deleted").add(System.nanoTime() - begun);
    user.spaces.forEach(space -> space.become(Thing.State.DELETED));
    stage.buried(new Stage.Gone(user, "/user", "User not found"));
    JsonNode credentials = object("email", user.email, "password", user.password());
    stage.api().call(null, null, "POST", "/auth/login", credentials, 404);
    stage.api().call(user, null, "GET", "/workspace", null, 401);
  }
}
