package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class KeyedLocksTest {

  private final KeyedLocks locks = new KeyedLocks();

  @RepeatedTest(50)
  void locked_byManyThreads_letsOneInAtATime() {
    UUID id = UUID.randomUUID();
    int[] count = {0};
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  locks.locked(id, () -> count[0]++);
                }
              },
              work -> new Thread(work).start()));
    }
    all.forEach(done -> done.orTimeout(20, TimeUnit.SECONDS).join());
    assertThat(count[0]).isEqualTo(4_000);
    assertThat(locks.inUse()).isEmpty();
  }

  @Test
  void locked_again_byTheSameThread_passes() {
    UUID id = UUID.randomUUID();
    assertThat(locks.locked(id, () -> locks.locked(id, () -> "in"))).isEqualTo("in");
    assertThat(locks.inUse()).isEmpty();
  }

  @Test
  void locked_forAnotherId_doesNotWait() {
    Gate inside = new Gate();
    Gate gate = new Gate();
    CompletableFuture<Void> holder =
        CompletableFuture.runAsync(
            () ->
                locks.locked(
                    UUID.randomUUID(),
                    () -> {
                      inside.open();
                      gate.await();
                      return null;
                    }));
    inside.await();
    assertThat(locks.locked(UUID.randomUUID(), () -> "in")).isEqualTo("in");
    assertThat(locks.inUse()).hasSize(1);
    gate.open();
    holder.join();
  }

  @Test
  void locked_workThatThrows_leavesItFree() {
    UUID id = UUID.randomUUID();
    assertThatThrownBy(
            () ->
                locks.locked(
                    id,
                    () -> {
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    assertThat(CompletableFuture.supplyAsync(() -> locks.locked(id, () -> "in")).join())
        .isEqualTo("in");
    assertThat(locks.inUse()).isEmpty();
  }
}
