package io.coterie.net;

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
    assertThat(events).containsExactly("a\nb\n");
  }

  @Test
  void read_everyLineEndAndPieceSize_isTheSame() {
    for (String end : List.of("\n", "\r", "\r\n")) {
      String stream =
          "\uFEFF: hi|event: message|id: 1|data: ä|retry: 1||data: b||data: cut".replace("|", end);
      byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
      for (int size = 1; size <= bytes.length; size++) {
        events.clear();
        SseReader reader = reader(100);
        for (int from = 0; from < bytes.length; from += size) {
          int length = Math.min(size, bytes.length - from);
          assertThat(reader.read(ByteBuffer.wrap(bytes, from, length))).isTrue();
        }
        assertThat(events).containsExactly("ä", "b");
      }
    }
  }

  @Test
  void read_typesAndEmptyData_areToldAndWithoutDataThereIsNoEvent() {
    assertThat(read("event: ping\ndata: x\n\ndata:\n\nid: 7\n\nnothing: y\n\n\n\n", 100)).isTrue();
    assertThat(events).containsExactly("ping=x", "");
    events.clear();
    assertThat(read("event: x\n\ndata: z\n\n", 100)).isTrue();
    assertThat(events).containsExactly("z");
  }

  @Test
  void end_eventWithoutItsEmptyLine_isTold() {
    SseReader reader = reader(100);
    reader.read(ByteBuffer.wrap("data: a\n\ndata: b".getBytes(StandardCharsets.UTF_8)));
    reader.end();
    assertThat(events).containsExactly("a", "b");
  }

  @Test
  void read_lineOrEventTooLong_isFalse() {
    assertThat(read("data: " + "x".repeat(95), 100)).isFalse();
    assertThat(read("data: 1234567890\n".repeat(10), 100)).isFalse();
    assertThat(read(": " + "x".repeat(99), 100)).isFalse();
    assertThat(events).isEmpty();
  }

  private SseReader reader(int max) {
    return new SseReader(
        max, (type, data) -> events.add(type.equals(SseReader.MESSAGE) ? data : type + "=" + data));
  }

  private boolean read(String stream, int max) {
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    return reader(max).read(ByteBuffer.wrap(bytes));
  }
}
