package io.coterie.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {

  private final List<String> lines = new ArrayList<>();

  @Test
  void readAll_cuttingLines_leavesOutWhatIsTooMuch() throws Exception {
    assertThat(
            readAll(
                LineSplitter.cutting(5, LineSplitter.Ends.ANY, lines::add),
                "one\r\ntwo\n\nthreeee\nlast"))
        .isTrue();
    assertThat(lines).containsExactly("one", "two", "", "three", "last");
  }

  @Test
  void readAll_strict_refusesALineThatIsTooLong() throws Exception {
    LineSplitter strict = LineSplitter.strict(5, LineSplitter.Ends.FEED, lines::add);
    assertThat(readAll(strict, "12345\n123456\n")).isFalse();
    assertThat(lines).containsExactly("12345");
  }

  @Test
  void readAll_onlyFeeds_keepsReturnsWithinALine() throws Exception {
    LineSplitter splitter = LineSplitter.strict(9, LineSplitter.Ends.FEED, lines::add);
    assertThat(readAll(splitter, "a\rb\nc\r\n")).isTrue();
    assertThat(lines).containsExactly("a\rb", "c\r");
  }

  @Test
  void readAll_longLines_areWhole() throws Exception {
    String line = "ä".repeat(100_000);
    LineSplitter splitter = LineSplitter.strict(200_000, LineSplitter.Ends.FEED, lines::add);
    assertThat(readAll(splitter, line + "\n" + line)).isTrue();
    assertThat(lines).containsExactly(line, line);
  }

  @Test
  void read_piecesOfEverySize_areTheSameLines() {
    byte[] bytes = "ä\r\n\rb\n\n\uD83D\uDE00".getBytes(StandardCharsets.UTF_8);
    for (int size = 1; size <= bytes.length; size++) {
      lines.clear();
      LineSplitter splitter = LineSplitter.strict(9, LineSplitter.Ends.ANY, lines::add);
      for (int from = 0; from < bytes.length; from += size) {
        int length = Math.min(size, bytes.length - from);
        assertThat(splitter.read(ByteBuffer.wrap(bytes, from, length))).isTrue();
      }
      splitter.end();
      assertThat(lines).containsExactly("ä", "", "b", "", "\uD83D\uDE00");
    }
  }

  private static boolean readAll(LineSplitter splitter, String text) throws IOException {
    return splitter.readAll(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
