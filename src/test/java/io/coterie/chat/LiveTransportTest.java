package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every transport tells the same, from wherever a client begins. */
class LiveTransportTest extends SharedServer {

  @ParameterizedTest
  @EnumSource
  void since_zero_isAllThatIsStored(LiveTransport transport) {
    String chat = chat();
    ask(chat, "@echo hé 😀");
    try (LiveClient client = transport.connect(app, user, chat, 0L)) {
      client.await(event -> event.path("seq").asInt() == 7);
      assertThat(withSeq(client.received())).isEqualTo(stored(chat));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cut_thenSinceTheLast_missesAndDoublesNothing(LiveTransport transport) {
    String chat = chat();
    List<JsonNode> seen = new ArrayList<>();
    try (LiveClient first = transport.connect(app, user, chat, 0L)) {
      ask(chat, "@echo one");
      first.await(event -> event.path("seq").asInt() == 7);
      first.cut();
      seen.addAll(withSeq(first.received()));
    }
    ask(chat, "@echo two");
    try (LiveClient second = transport.connect(app, user, chat, (long) seen.size())) {
      second.await(event -> event.path("seq").asInt() == 14);
      seen.addAll(withSeq(second.received()));
    }
    assertThat(seen).isEqualTo(stored(chat));
  }
}
