package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseReaderTest {

  private final List<String> events = new ArrayList<>();

  @Test
  void read_severalLinesOfData_areJoined() {
    assertThat(read("data: a\ndata:b\ndata\n\n", 100)).isTrue();
    assertThat(events).containsExactly("a\nb\n\n");
  }

  @Test
  void read_everyLineEndAndPieceSize_isTheSame() {
    for (String end : List.of("\n", "\r", "\r\n")) {
      String stream =
          "\uFEFF: hi|event: message|id: 1|data: ä|retry: 1||data: b||data: cut".replace("|", end);
      byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
      for (int size = 1; size <= bytes.length; size++) {
        events.clear();
        SseReader reader = new SseReader(100, events::add);
        for (int from = 0; from < bytes.length; from += size) {
          int length = Math.min(size, bytes.length - from);
          assertThat(reader.read(ByteBuffer.wrap(bytes, from, length))).isTrue();
        }
        assertThat(events).containsExactly("ä\n", "b\n");
      }
    }
  }

  @Test
  void read_otherTypesAndEmptyData_areOverlooked() {
    assertThat(read("event: ping\ndata: x\n\ndata:\n\nid: 7\n\nnothing: y\n\n\n\n", 100)).isTrue();
    assertThat(events).isEmpty();
    assertThat(read("event: x\n\ndata: z\n\n", 100)).isTrue();
    assertThat(events).containsExactly("z\n");
  }

  @Test
  void read_lineOrEventTooLong_isFalse() {
    assertThat(read("data: " + "x".repeat(95), 100)).isFalse();
    assertThat(read("data: 1234567890\n".repeat(10), 100)).isFalse();
    assertThat(read(": " + "x".repeat(99), 100)).isFalse();
    assertThat(events).isEmpty();
  }

  private boolean read(String stream, int max) {
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    return new SseReader(max, events::add).read(ByteBuffer.wrap(bytes));
  }
}
