package io.coterie;

import static io.coterie.AppFixture.object;

import io.coterie.AppFixture.Login;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import io.coterie.storage.WatchedFilePath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * A process with a server in it that stores the largest things there are, several at once, and then
 * says whether its file was written beside a transaction. Its argument is a folder.
 */
final class LargestWalks {

  private static final int AT_ONCE = 8;

  /** H2 counts two bytes a character, where there is one. */
  private static final String LONG_REPLY = "x ".repeat(500_000);

  private static final String LONG_MESSAGE = "x ".repeat(50_000);

  private static final Semaphore SAID = new Semaphore(0);
  private static final Gate SAVED = new Gate();

  private final AppFixture app;
  private final Login user;

  private LargestWalks(AppFixture app) {
    this.app = app;
    this.user = app.login();
  }

  public static void main(String[] args) throws Exception {
    WatchedFilePath.register();
    String url = "jdbc:h2:watched:" + Files.createDirectories(Path.of(args[0])).resolve("db");
    ScriptedModel model =
        new ScriptedModel(
            (request, reply) -> {
              for (int at = 0; at < LONG_REPLY.length(); at += 100_000) {
                reply.text(LONG_REPLY.substring(at, at + 100_000));
              }
              SAID.release();
              SAVED.await();
              reply.complete(1, 1);
            });
    try (AppFixture app = AppFixture.startOnDiskWith(model, "database.url=" + url)) {
      WatchedFilePath.watch(app.app().database());
      new LargestWalks(app).walk();
      WatchedFilePath.watch(null);
    }
    List<Throwable> mistimed = WatchedFilePath.mistimed();
    mistimed.stream().limit(3).forEach(Throwable::printStackTrace);
    System.out.printf("%d of %d writes mistimed%n", mistimed.size(), WatchedFilePath.writes());
    System.exit(mistimed.isEmpty() && WatchedFilePath.writes() > 0 ? 0 : 1);
  }

  private void walk() throws Exception {
    String workspace = app.workspace(user);
    List<String> chats = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      chats.add(app.chat(user, workspace));
    }
    all(chats, chat -> ask(chat, "@echo " + LONG_MESSAGE.substring(10)));
    Thread saved = new Thread(LargestWalks::awaitSaving);
    saved.start();
    all(chats, chat -> ask(chat, "tell me"));
    saved.join();
    all(chats, chat -> ask(chat, LONG_MESSAGE));
    all(Collections.nCopies(AT_ONCE, ""), unused -> agent());
    app.get(user.token(), "/agent/download?query=translator");
    all(chats.subList(0, 4), chat -> app.delete(user.token(), "/chat?chat_id=" + chat, null));
    require(app.delete(user.token(), "/workspace/" + workspace, null));
    Login leaver = app.login();
    String chat = app.chat(leaver);
    post(leaver, chat, "tell me");
    require(app.delete(leaver.token(), "/user", object("password", AppFixture.password())));
    Await.until(app.app()::isCleared, () -> "what was deleted to be removed");
  }

  /** Nothing else writes once all replies have come, but for their last words. */
  private static void awaitSaving() {
    SAID.acquireUninterruptibly(AT_ONCE);
    long before = WatchedFilePath.writes();
    Await.until(
        () -> WatchedFilePath.writes() >= before + 2 * AT_ONCE, () -> "replies to be saved");
    SAVED.open();
  }

  private AppFixture.Answer ask(String chat, String text) {
    return post(user, chat, text);
  }

  private AppFixture.Answer post(Login user, String chat, String text) {
    return require(
        app.post(
            user.token(), "/chat/message?wait=true", object("chat_id", chat, "message", text)));
  }

  private AppFixture.Answer agent() {
    String id = "agent-" + UUID.randomUUID().toString().substring(0, 8);
    return require(
        app.post(
            user.token(),
            "/agent",
            object(
                "agent_id",
                id,
                "name",
                "A",
                "description",
                "A.",
                "instructions",
                "x".repeat(90_000))));
  }

  private static AppFixture.Answer require(AppFixture.Answer answer) {
    if (answer.status() != 200) {
      throw new IllegalStateException(answer.status() + " " + answer.msg());
    }
    return answer;
  }

  private static void all(List<String> items, Function<String, AppFixture.Answer> walk)
      throws Exception {
    List<Callable<AppFixture.Answer>> calls = new ArrayList<>();
    items.forEach(item -> calls.add(() -> walk.apply(item)));
    AllAtOnce.call(calls);
  }
}
