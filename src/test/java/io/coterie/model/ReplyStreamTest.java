package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyStreamTest {

  private final List<ServerSentEvent> events = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void read_cutAnywhere_givesTheSameEvents(WireFormat format) {
    byte[] body =
        (format.begin() + format.text("Grüße 🌍") + format.end(7, 3))
            .getBytes(StandardCharsets.UTF_8);
    ReplyStream whole = new ReplyStream(format.type(), events::add);
    whole.read(List.of(ByteBuffer.wrap(body)));
    assertThat(whole.isWhole()).isTrue();
    List<ServerSentEvent> expected = List.copyOf(events);
    assertThat(expected).anyMatch(event -> event.data().contains("Grüße 🌍"));

    for (int cut = 0; cut <= body.length; cut++) {
      events.clear();
      ReplyStream stream = new ReplyStream(format.type(), events::add);
      stream.read(List.of(ByteBuffer.wrap(body, 0, cut)));
      stream.read(List.of(ByteBuffer.wrap(body, cut, body.length - cut)));
      stream.finish();
      assertThat(events).isEqualTo(expected);
      assertThat(stream.isWhole()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void read_anyLineEnd_isTaken(String lineEnd) {
    ReplyStream stream = stream(Provider.Type.OPENAI);
    read(
        stream,
        "\uFEFF: comment|data:{\"a\":|data: 1}||id: 7|data: [DONE]||".replace("|", lineEnd));
    assertThat(events).extracting(ServerSentEvent::data).containsExactly("{\"a\":\n1}");
    assertThat(stream.isEnded()).isTrue();
  }

  @Test
  void read_nothingAfterTheEnd_isPassedOn() {
    ReplyStream stream = stream(Provider.Type.OLLAMA);
    read(stream, "{\"done\":true}\n{\"done\":false}\n");
    assertThat(events).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void finish_lastLineBreakMissing_isNoReasonToFail(WireFormat format) {
    ReplyStream stream = stream(format.type());
    read(stream, (format.begin() + format.text("Hi") + format.end(7, 3)).stripTrailing());
    stream.finish();
    assertThat(stream.isWhole()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void finish_cutAnywhereBeforeTheEnd_isNeverWhole(WireFormat format) {
    String end = format == WireFormat.OPENAI ? "" : format.end(7, 3);
    String body = format.begin() + format.text("Hi") + end;
    int limit = body.stripTrailing().length();
    for (int cut = 0; cut < limit; cut++) {
      ReplyStream stream = stream(format.type());
      read(stream, body.substring(0, cut));
      try {
        stream.finish();
      } catch (CallFailure e) {
        assertThat(e.kind()).isEqualTo(CallFailure.Kind.UNREADABLE);
      }
      assertThat(stream.isWhole()).as(body.substring(0, cut)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: [1]\n\n", "data: oops\n\n", "data: 7\n\n"})
  void read_noObject_fails(String body) {
    assertThatThrownBy(() -> read(stream(Provider.Type.OPENAI), body))
        .isInstanceOfSatisfying(
            CallFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(CallFailure.Kind.UNREADABLE));
  }

  private ReplyStream stream(Provider.Type type) {
    return new ReplyStream(type, events::add);
  }

  private static void read(ReplyStream stream, String body) {
    stream.read(List.of(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8))));
  }
}
