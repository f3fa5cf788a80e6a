package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.socketio.PollClient.Answer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How large what a client sends may be. */
class PayloadLimitsTest extends EngineTest {

  private static final int MEGABYTE = 1 << 20;
  private static final String HEAD = "42/echo,[\"echo\",\"";
  private static final String TAIL = "\"]";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void polling_oneMegabyte_isTaken(boolean chunked) {
    PollClient client = PollClient.joined(engine);
    String packet = packet(MEGABYTE);
    assertThat(post(client, packet, chunked)).isEqualTo(new Answer(200, "ok"));
    assertThat(client.poll().join().body()).isEqualTo(packet);
  }

  @ParameterizedTest
  @CsvSource({"1048577,true", "10000000,false"})
  void polling_more_is413AndEndsIt(int size, boolean chunked) {
    PollClient client = PollClient.joined(engine);
    assertThat(post(client, packet(size), chunked))
        .isEqualTo(new Answer(413, "{\"msg\":\"Request body too large\"}"));
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
    assertThat(engine.echo.last().events()).isEmpty();
  }

  @Test
  void polling_limitIsInBytes() {
    PollClient client = PollClient.joined(engine);
    String packet = HEAD + "\u00e4".repeat(MEGABYTE / 2) + TAIL;
    assertThat(post(client, packet, false).status()).isEqualTo(413);
    client.expectGone();
  }

  @Test
  void webSocket_oneMegabyte_isTaken() {
    WsClient client = WsClient.joined(engine);
    String packet = packet(MEGABYTE);
    client.send(packet);
    assertThat(client.next()).isEqualTo(packet);
    client.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {MEGABYTE + 1, 10_000_000})
  void webSocket_more_isClosedWith1009(int size) {
    WsClient client = WsClient.joined(engine);
    try {
      client.send(packet(size));
    } catch (java.util.concurrent.CompletionException e) {
      // Closed before all was sent.
      assertThat(e).hasRootCauseInstanceOf(java.io.IOException.class);
    }
    assertThat(client.awaitClose()).isIn(1009, 1006);
    engine.awaitConnections(0);
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
  }

  private static String packet(int size) {
    return HEAD + "x".repeat(size - HEAD.length() - TAIL.length()) + TAIL;
  }

  private Answer post(PollClient client, String body, boolean chunked) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(engine.uri("http", client.query()))
            .POST(
                chunked
                    ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))
                    : BodyPublishers.ofByteArray(bytes))
            .build();
    return PollClient.send(request).join();
  }
}
