package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.RawClient;
import io.coterie.RawWebSocket;
import io.coterie.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no decent client sends, with somebody beside who must not notice. */
class BadInputTest extends SharedServer {

  private static final String PING = "{\"event\":\"ping\"}";

  private String chat;
  private LiveClient bystander;
  private RawWebSocket socket;

  @BeforeEach
  void open() throws IOException {
    chat = chat();
    bystander = LiveTransport.WEB_SOCKET.connect(app, user, chat, 0L);
    bystander.await("ready");
    socket =
        new RawWebSocket(app, LiveTransport.query(chat, app.connectionString(user, chat), null));
    socket.socket().setSoTimeout(20_000);
    assertThat(next()).isEqualTo("ready");
  }

  @AfterEach
  void bystanderGoesOn() throws IOException {
    socket.socket().close();
    ask(chat, "@echo undisturbed");
    bystander.await(event -> event.path("seq").asInt() == 7);
    assertThat(withSeq(bystander.received())).isEqualTo(stored(chat));
    assertThat(bystander.received().stream().filter(e -> e.path("event").asText().equals("error")))
        .isEmpty();
    bystander.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no JSON", "{\"event\":\"chat_message\"", "[[[[[[", "{\"event\":[]}"})
  void text_thatIsNoFrame_isRefusedAndTheSocketGoesOn(String frame) throws IOException {
    socket.sendText(frame);
    assertThat(next()).isEqualTo("error invalid_frame");
    assertGoesOn();
  }

  @Test
  void text_nestedTenThousandDeep_isRefusedAndTheSocketGoesOn() throws IOException {
    socket.sendText(
        "{\"event\":\"ping\",\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
    assertThat(next()).isEqualTo("error invalid_frame");
    assertGoesOn();
  }

  @Test
  void event_unknown_isRefusedAndTheSocketGoesOn() throws IOException {
    socket.sendText("{\"event\":\"run\",\"seq\":1,\"data\":{\"status\":\"completed\"}}");
    assertThat(next()).isEqualTo("error unknown_event");
    assertGoesOn();
  }

  @Test
  void frame_ofNinetyThousandCharacters_isUnderstood() throws IOException {
    String frame = "{\"event\":\"ping\",\"data\":{\"x\":\"" + "é".repeat(90_000) + "\"}}";
    socket.sendText(frame);
    assertThat(next()).isEqualTo("pong");
    assertGoesOn();
  }

  @Test
  void frame_inPieces_isUnderstood_withAPingBetweenThem() throws IOException {
    byte[] frame = "{\"event\":\"p\u00efng\"}".getBytes(StandardCharsets.UTF_8);
    int middleOfACharacter = 12;
    socket.send(false, RawWebSocket.TEXT, Arrays.copyOf(frame, middleOfACharacter));
    socket.send(true, RawWebSocket.PING, new byte[] {42});
    assertThat(socket.read().payload()).containsExactly(42);
    socket.send(false, RawWebSocket.CONTINUATION, new byte[0]);
    socket.send(
        true,
        RawWebSocket.CONTINUATION,
        Arrays.copyOfRange(frame, middleOfACharacter, frame.length));
    assertThat(next()).isEqualTo("error unknown_event");
    assertGoesOn();
  }

  @Test
  void frame_inOneByteAtATime_isUnderstood() throws IOException {
    byte[] frame = PING.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < frame.length; i++) {
      socket.send(
          i == frame.length - 1,
          i == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION,
          new byte[] {frame[i]});
    }
    assertThat(next()).isEqualTo("pong");
    assertGoesOn();
  }

  @Test
  void binary_wholeOrInPieces_isRefusedAndTheSocketGoesOn() throws IOException {
    socket.send(true, RawWebSocket.BINARY, new byte[] {0, 1, 2});
    assertThat(next()).isEqualTo("error invalid_frame");
    socket.send(false, RawWebSocket.BINARY, PING.getBytes(StandardCharsets.UTF_8));
    socket.send(true, RawWebSocket.CONTINUATION, new byte[100_000]);
    assertThat(next()).isEqualTo("error invalid_frame");
    assertGoesOn();
  }

  @ParameterizedTest
  @ValueSource(ints = {RawWebSocket.TEXT, RawWebSocket.BINARY})
  void frame_ofTenMegabytes_closesWith1009(int opcode) throws IOException {
    byte[] huge = new byte[10 * 1024 * 1024];
    Arrays.fill(huge, (byte) 'x');
    sendAside(opcode, huge, 1);
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1009);
  }

  @Test
  void frame_ofTenMegabytesInPieces_closesWith1009() throws IOException {
    byte[] piece = new byte[1024 * 1024];
    Arrays.fill(piece, (byte) 'x');
    sendAside(RawWebSocket.TEXT, piece, 10);
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1009);
  }

  @Test
  void text_thatIsNoUtf8_closesWith1007() throws IOException {
    socket.send(true, RawWebSocket.TEXT, new byte[] {'"', (byte) 0xc3, (byte) 0x28, '"'});
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1007);
  }

  @Test
  void continuationOfNothing_closesWith1002() throws IOException {
    socket.send(true, RawWebSocket.CONTINUATION, PING.getBytes(StandardCharsets.UTF_8));
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1002);
  }

  @Test
  void frameThatIsNotMasked_closesWith1002() throws IOException {
    socket.socket().getOutputStream().write(new byte[] {(byte) 0x81, 2, '{', '}'});
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1002);
  }

  @Test
  void opcode_thatIsReserved_closesWith1002() throws IOException {
    socket.send(true, 5, new byte[0]);
    assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1002);
  }

  @ParameterizedTest
  @EnumSource(names = {"WEB_SOCKET", "SSE", "POLLING"})
  void since_thatIsNoNumberFromZero_is400_andTheStringStaysGood(LiveTransport transport) {
    String query = LiveTransport.query(chat, app.connectionString(user, chat), null);
    for (String since : List.of("-1", "x", "1.0", "1e3", "0x1", "%2B1", "%D9%A1", "-0", "%20")) {
      RawClient.Reply reply = request(transport, query + "&since=" + since);
      assertThat(reply.status()).as(since).isEqualTo(400);
      assertThat(reply.json().path("msg").asText())
          .isEqualTo("since must be a whole number from 0");
    }
    assertThat(transport.refuses(app, query + "&since=0")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"WEB_SOCKET", "SSE", "POLLING"})
  void since_beyondAllNumbers_isOneFromTheFuture(LiveTransport transport) throws IOException {
    String query = LiveTransport.query(chat, app.connectionString(user, chat), null);
    assertThat(transport.refuses(app, query + "&since=9223372036854775808")).isFalse();
    String another = LiveTransport.query(chat, app.connectionString(user, chat), null);
    RawWebSocket ahead = new RawWebSocket(app, another + "&since=" + "9".repeat(300));
    assertThat(ahead.read(RawWebSocket.TEXT).text()).contains("\"recovered\":false");
    ahead.socket().close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING")
  void since_fromTheFuture_isNotRecovered_andGoesOnLive(LiveTransport transport) {
    for (long since : new long[] {1, 5_000_000_000L, Long.MAX_VALUE}) {
      String fresh = chat();
      try (LiveClient client = transport.connect(app, user, fresh, since)) {
        JsonNode ready = client.await("ready").path("data");
        assertThat(ready.path("recovered").asBoolean(true)).isFalse();
        assertThat(ready.path("last_seq").asLong(-1)).isZero();
        ask(fresh, "@echo x");
        client.await(event -> event.path("seq").asInt() == 7);
        assertThat(withSeq(client.received())).isEqualTo(stored(fresh));
      }
    }
  }

  @Test
  void poll_fromTheFuture_tellsWhereItIs() {
    for (long since : new long[] {1, Long.MAX_VALUE}) {
      JsonNode page =
          app.get(user.token(), "/chat/events?poll=1&chat_id=" + chat + "&since=" + since).json();
      assertThat(page.toString()).isEqualTo("{\"events\":[],\"last_seq\":0}");
    }
  }

  private RawClient.Reply request(LiveTransport transport, String query) {
    return RawClient.send(app, transport.opening(query).getBytes(StandardCharsets.UTF_8));
  }

  /** Sends while the test reads: the server may close long before it has read all. */
  private void sendAside(int opcode, byte[] piece, int pieces) {
    Thread sender =
        new Thread(
            () -> {
              try {
                for (int i = 1; i <= pieces; i++) {
                  socket.send(i == pieces, i == 1 ? opcode : RawWebSocket.CONTINUATION, piece);
                }
              } catch (IOException e) {
                // Closed by the server, as it should be.
              }
            });
    sender.setDaemon(true);
    sender.start();
  }

  private void assertGoesOn() throws IOException {
    socket.sendText(PING);
    assertThat(next()).isEqualTo("pong");
  }

  /** The next event, briefly: its type, and the code of an error. */
  private String next() throws IOException {
    RawWebSocket.Frame frame =
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> socket.read(RawWebSocket.TEXT));
    JsonNode event = Json.MAPPER.readTree(frame.text());
    String code = event.path("data").path("code").asText();
    return (event.path("event").asText() + " " + code).strip();
  }
}
