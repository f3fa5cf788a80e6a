package io.coterie.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.user.TakingTurns.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TakingTurnsTest {

  private final TakingTurns<String> turns = new TakingTurns<>(10);

  private void add(String source, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(turns.add(source, source + i)).isEmpty();
    }
  }

  private List<String> takeAll() {
    List<String> order = new ArrayList<>();
    Optional<Turn<String>> turn;
    while ((turn = turns.take()).isPresent()) {
      order.add(turn.get().work());
      turns.done(turn.get().source());
    }
    return order;
  }

  @Test
  void take_goesRoundTheSources() {
    add("a", 4);
    add("b", 2);
    add("c", 1);
    assertThat(takeAll()).containsExactly("a0", "b0", "c0", "a1", "b1", "a2", "a3");
  }

  @Test
  void take_whileASourceIsBusy_passesItOver() {
    add("a", 3);
    add("b", 1);
    Turn<String> first = turns.take().orElseThrow();
    assertThat(first.source()).isEqualTo("a");
    assertThat(turns.take().orElseThrow().source()).isEqualTo("b");
    assertThat(turns.take()).isEmpty();
    turns.done("a");
    assertThat(turns.take().orElseThrow().work()).isEqualTo("a1");
    assertThat(turns.add("a", "later")).isEmpty();
    assertThat(turns.take()).isEmpty();
  }

  @Test
  void add_whereNoMoreFits_theSourceWithTheMostGivesWay() {
    add("a", 7);
    add("b", 3);
    assertThat(turns.add("a", "no")).contains("no");
    assertThat(turns.add("c", "c0")).contains("a6");
    assertThat(turns.add("b", "b3")).contains("a5");
    assertThat(turns.add("b", "no")).contains("no");
    assertThat(takeAll())
        .containsExactly("a0", "b0", "c0", "a1", "b1", "a2", "b2", "a3", "b3", "a4");
  }

  @Test
  void add_whereEachSourceHasOne_isRefused() {
    for (int i = 0; i < 10; i++) {
      add("s" + i, 1);
    }
    assertThat(turns.add("new", "no")).contains("no");
    assertThat(takeAll()).hasSize(10);
  }

  @Test
  void clear_leavesNothing() {
    add("a", 2);
    add("b", 1);
    assertThat(turns.clear()).containsExactlyInAnyOrder("a0", "a1", "b0");
    assertThat(turns.take()).isEmpty();
  }

  @Test
  void anything_inAnyOrder_isDoneOnceOrRefused() {
    Random random = new Random(7);
    int added = 0;
    int refused = 0;
    int taken = 0;
    List<Turn<String>> underWay = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          added++;
          refused += turns.add("s" + random.nextInt(6), "w").isPresent() ? 1 : 0;
        }
        case 2 -> {
          Optional<Turn<String>> turn = turns.take();
          turn.ifPresent(underWay::add);
          taken += turn.isPresent() ? 1 : 0;
        }
        default -> {
          if (!underWay.isEmpty()) {
            turns.done(underWay.remove(random.nextInt(underWay.size())).source());
          }
        }
      }
      assertThat(underWay.stream().map(Turn::source)).doesNotHaveDuplicates();
      assertThat(added - refused - taken).isBetween(0, 10);
    }
    underWay.forEach(turn -> turns.done(turn.source()));
    assertThat(takeAll()).hasSize(added - refused - taken);
  }
}
