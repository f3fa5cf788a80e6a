package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** More work at once than there are connections. */
class SessionPoolTest {

  @Test
  void noConnectionBecomesFree_isToldAsSuch_andOneThatDoesIsTaken() throws InterruptedException {
    try (Database database = Database.open("jdbc:h2:mem:" + UUID.randomUUID(), false)) {
      int all = database.maxConnections();
      ExecutorService threads = Executors.newFixedThreadPool(all);
      CountDownLatch held = new CountDownLatch(all);
      CountDownLatch enough = new CountDownLatch(1);
      for (int i = 0; i < all; i++) {
        threads.execute(() -> database.inTransaction(tx -> hold(held, enough)));
      }
      held.await();
      assertThatThrownBy(() -> database.inTransaction(tx -> 1))
          .isInstanceOf(NoConnectionException.class);
      enough.countDown();
      assertThat(database.<Integer>inTransaction(tx -> 1)).isEqualTo(1);
      threads.shutdown();
    }
  }

  private static int hold(CountDownLatch held, CountDownLatch enough) {
    held.countDown();
    try {
      enough.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }
}
