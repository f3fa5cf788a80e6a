package io.coterie.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The filters that spare searching most messages. */
class MarksTest {

  private static boolean mayBeIn(String query, String text) {
    return new Query(query).marks().mayBeIn(Marks.of(text));
  }

  /** What is stored was made by an earlier release. */
  @Test
  void of_theSameText_isForEverTheSame() {
    assertThat(HexFormat.of().formatHex(Marks.of("Ein Café in 東京, 2 Gäste")))
        .isEqualTo("562fe8c24000312191846845");
    assertThat(Marks.of("")).isEmpty();
    assertThat(Marks.of("?!")).isEmpty();
  }

  @Test
  void mayBeIn_forWordsThatAreThere_isAlwaysTrue() {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w <= i; w++) {
        text.append(Long.toString(random.nextLong(), 36)).append(' ');
      }
      byte[] marks = Marks.of(text.toString());
      for (String word : text.toString().split(" ")) {
        assertThat(new Query(word).marks().mayBeIn(marks)).as(word).isTrue();
      }
    }
    assertThat(mayBeIn("京タ", "東京タワー")).isTrue();
    assertThat(mayBeIn("🎈", "🎉🎈")).isTrue();
  }

  @Test
  void mayBeIn_forWordsThatAreNot_isNearlyAlwaysFalse() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      text.append("in").append(i).append(' ');
    }
    byte[] marks = Marks.of(text.toString());
    int wrong = 0;
    for (int i = 0; i < 10_000; i++) {
      wrong += new Query("out" + i).marks().mayBeIn(marks) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(100);
    assertThat(mayBeIn("word", "")).isFalse();
  }

  @Test
  void of_aTextOfVeryManyWords_isBounded() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 150_000; i++) {
      text.append(i).append(' ');
    }
    assertThat(Marks.of(text.toString())).hasSize(16_384);
    assertThat(mayBeIn("149999", text.toString())).isTrue();
    assertThat(mayBeIn("x".repeat(200), "x".repeat(200))).isTrue();
  }
}
