package io.coterie.endure;

import static io.coterie.endure.Stage.object;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Large things are built and torn down again: a chat of many messages, a workspace of many chats,
 * an account with both. While they go, others write on. One thread.
 */
final class Demolition {

  private static final int CHATS = 150;
  private static final int MESSAGES = 300;
  private static final String LONG = "word ".repeat(400);

  private final Stage stage;
  private final Random random;
  private final ChatWork chats;
  private final SpaceWork spaces;
  private final AccountWork accounts;
  private final Thread thread = new Thread(this::run, "demolition");
  private volatile boolean over;
  private int round;

  Demolition(Stage stage, long seed) {
    this.stage = stage;
    this.random = new Random(seed);
    this.chats = new ChatWork(stage, random);
    this.spaces = new SpaceWork(stage, random);
    this.accounts = new AccountWork(stage, random);
    thread.setDaemon(true);
  }

  void begin() {
    thread.start();
  }

  void end() {
    over = true;
  }

  void join() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(120));
    stage.findings().check(!thread.isAlive(), "who deletes large things hangs", "");
  }

  private void run() {
    while (!over) {
      User user = null;
      try {
        user = accounts.register();
        demolish(user);
      } catch (CutOffException e) {
        finish(user);
      } catch (RuntimeException e) {
        stage.findings().add("unforeseen: " + e.getClass().getName(), Person.trace(e));
      }
      pause(2_000);
    }
  }

  /** Grows with each round, so that a long run meets larger things. */
  private void demolish(User user) {
    round++;
    Space large = spaces.create(user);
    Space many = spaces.create(user);
    Chat filled = fill(large, MESSAGES * round);
    for (int i = 0; i < CHATS * round && !over; i++) {
      Chat chat = chats.create(many);
      if (i % 10 == 0) {
        chats.post(chat);
      }
    }
    fill(large, MESSAGES);
    stage.deleteLarge(() -> chats.delete(filled));
    stage.deleteLarge(() -> spaces.delete(many));
    new Trespasser(stage, random).largeBodies();
    deleteForGood(user);
  }

  private Chat fill(Space space, int messages) {
    Chat chat = chats.create(space);
    for (int i = 0; i < messages && !over; i++) {
      String text = "@echo " + Chat.words(space.owner, chat.marker, random) + " " + LONG;
      Reply reply =
          stage
              .api()
              .call(
                  space.owner,
                  chat,
                  "POST",
                  "/chat/message",
                  object("chat_id", chat.id, "message", text),
                  202);
      chat.accepted(reply.json());
      pause(20);
    }
    stage.figures().count("large things: messages written", messages);
    return chat;
  }

  /** What was cut off in the middle goes as a whole. */
  private void finish(User user) {
    try {
      if (user != null) {
        deleteForGood(user);
      }
    } catch (CutOffException e) {
      finish(user);
    }
  }

  private void deleteForGood(User user) {
    try {
      stage.deleteLarge(() -> accounts.delete(user));
    } catch (CutOffException e) {
      // Cut off: it may have been deleted all the same, and then the token is of nobody.
      Reply reply = stage.api().call(user, null, "GET", "/user", null, 200, 404);
      if (reply.status() == 200) {
        deleteForGood(user);
      } else {
        stage.buried(new Stage.Gone(user, "/user", "User not found"));
      }
    }
  }

  private void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(over ? 0 : millis));
  }
}
