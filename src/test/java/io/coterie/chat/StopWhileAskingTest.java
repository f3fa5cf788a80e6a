package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;

/** A server that stops while people ask. */
class StopWhileAskingTest {

  @RepeatedTest(12)
  void stop_whilePeopleAskAndWait_tellsEachAndTakesNoTime() {
    Set<Integer> statuses = new ConcurrentSkipListSet<>();
    try (AppFixture app = AppFixture.start()) {
      Login user = app.login();
      CompletableFuture<?>[] people =
          Stream.generate(() -> app.chat(user))
              .limit(3)
              .map(
                  chat -> CompletableFuture.runAsync(() -> askUntilGone(app, user, chat, statuses)))
              .toArray(CompletableFuture[]::new);
      while (statuses.isEmpty()) {
        Thread.onSpinWait();
      }
      long start = System.nanoTime();
      app.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2_500));
      CompletableFuture.allOf(people).join();
    }
    assertThat(Set.of(200, 202, 503)).containsAll(statuses);
  }

  private static void askUntilGone(AppFixture app, Login user, String chat, Set<Integer> statuses) {
    var body = object("chat_id", chat, "message", "@echo hello");
    try {
      while (true) {
        statuses.add(app.post(user.token(), "/chat/message?wait=true", body).status());
      }
    } catch (UncheckedIOException | IllegalStateException | IllegalArgumentException e) {
      // The server is gone.
    }
  }
}
