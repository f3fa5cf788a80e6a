package io.coterie.socketio;

import static io.coterie.socketio.PollClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import io.coterie.socketio.PollClient.Answer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection begins, and every way in which it does not. */
class HandshakeTest extends EngineTest {

  private static final String POLLING = "/socket.io/?EIO=4&transport=polling";
  private static final String WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

  @Test
  void polling_opens_andSaysHow() {
    JsonNode open = PollClient.open(engine).open();
    assertThat(without(open, "sid").toString())
        .isEqualTo(
            "{\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,"
                + "\"maxPayload\":1048576}");
    assertThat(open.path("sid").asText()).matches("[A-Za-z0-9_-]{24}");
  }

  @Test
  void webSocket_opens_andSaysHow() {
    WsClient client = WsClient.begin(engine, "").join();
    JsonNode open = new Answer(0, client.next().substring(1)).json();
    assertThat(without(open, "sid").toString())
        .isEqualTo(
            "{\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
                + "\"maxPayload\":1048576}");
    client.abort();
    engine.awaitConnections(0);
  }

  @Test
  void numbers_areAsciiInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(PollClient.open(engine).open().path("pingInterval").asInt()).isEqualTo(25_000);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void ids_areNeverTheSame() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      ids.add(PollClient.open(engine).sid());
    }
    assertThat(ids).hasSize(100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET  | transport=polling               | 5 | Unsupported protocol version",
        "GET  | EIO=3&transport=polling         | 5 | Unsupported protocol version",
        "GET  | EIO=5&transport=polling         | 5 | Unsupported protocol version",
        "GET  | EIO=abc&transport=polling       | 5 | Unsupported protocol version",
        "GET  | EIO=&transport=polling          | 5 | Unsupported protocol version",
        "GET  | EIO=3&EIO=4&transport=polling   | 5 | Unsupported protocol version",
        "GET  | EIO=3&transport=websocket       | 5 | Unsupported protocol version",
        "GET  | EIO=4                           | 0 | Transport unknown",
        "GET  | EIO=4&transport=                | 0 | Transport unknown",
        "GET  | EIO=4&transport=abc             | 0 | Transport unknown",
        "GET  | EIO=4&transport=webtransport    | 0 | Transport unknown",
        "GET  | EIO=4&transport=POLLING         | 0 | Transport unknown",
        "GET  | EIO=4&transport=polling&sid=abc | 1 | Session ID unknown",
        "POST | EIO=4&transport=polling&sid=abc | 1 | Session ID unknown",
        "GET  | EIO=4&transport=polling&sid=    | 1 | Session ID unknown",
        "GET  | EIO=4&transport=websocket&sid=a | 1 | Session ID unknown",
        "POST | EIO=4&transport=polling         | 2 | Bad handshake method",
        "PUT  | EIO=4&transport=polling         | 2 | Bad handshake method",
        "HEAD | EIO=4&transport=polling         | 2 | ''",
        "POST | EIO=4&transport=websocket       | 2 | Bad handshake method",
      })
  void refused_isA400ThatSaysWhy(String method, String query, int code, String message) {
    try (Wire wire = Wire.open(engine)) {
      Answer answer = refusal(wire, method, query);
      assertThat(answer.status()).isEqualTo(400);
      if (!method.equals("HEAD")) {
        ObjectNode expected = Json.MAPPER.createObjectNode().put("code", code);
        expected.put("message", message).put("msg", message);
        assertThat(answer.body()).isEqualTo(expected.toString());
      }
    }
    assertThat(engine.connections()).isZero();
  }

  @Test
  void webSocket_withoutUpgrade_is426() {
    try (Wire wire = Wire.open(engine)) {
      Answer answer = wire.request("GET " + WEBSOCKET).answer();
      assertThat(answer).isEqualTo(new Answer(426, "{\"msg\":\"Upgrade required\"}"));
    }
    assertThat(engine.connections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c2hvcnQ=", "not base64 at all"})
  void webSocket_badKey_is400(String key) {
    try (Wire wire = Wire.open(engine)) {
      wire.request(
          "GET " + WEBSOCKET,
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: " + key);
      assertThat(wire.answer().status()).isEqualTo(400);
    }
    assertThat(engine.connections()).isZero();
  }

  @Test
  void sidOfAWebSocket_cannotBePolled() {
    WsClient socket = WsClient.begin(engine, "").join();
    String sid = new Answer(0, socket.next().substring(1)).json().path("sid").asText();
    for (String method : List.of("GET", "POST")) {
      Answer answer = request(engine, method, "transport=polling&sid=" + sid, "4x").join();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().path("msg").asText()).isEqualTo("Bad request");
    }
    try (Wire wire = Wire.open(engine)) {
      assertThat(wire.upgrade(WEBSOCKET + "&sid=" + sid).answer().status()).isEqualTo(400);
    }
    socket.join();
    socket.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "HEAD"})
  void otherMethodOnAConnection_is405AndChangesNothing(String method) {
    PollClient client = PollClient.open(engine);
    assertThat(request(engine, method, client.query(), null).join().status()).isEqualTo(405);
    client.say("40" + PollClient.NAMESPACE);
    assertThat(client.poll().join().body()).startsWith("40/echo,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/socket.io/socket.io.js",
        "/socket.io/x/?EIO=4&transport=polling",
        "/socket.io/%20"
      })
  void pathBelow_is404(String target) {
    try (Wire wire = Wire.open(engine)) {
      assertThat(wire.request("GET " + target).answer())
          .isEqualTo(new Answer(404, "{\"msg\":\"Not found\"}"));
    }
  }

  @Test
  void pathWithoutItsSlash_opensToo() {
    try (Wire wire = Wire.open(engine)) {
      Answer answer = wire.request("GET " + POLLING.replace("/?", "?")).answer();
      assertThat(answer.body()).startsWith("0{");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%zz", "%E4", "a=%C3%28", "%00%", "sid=%ff"})
  void badEscapesInTheQuery_neverOpenOrBreakAnything(String query) {
    try (Wire wire = Wire.open(engine)) {
      Answer answer = wire.request("GET /socket.io/?EIO=4&transport=abc&" + query).answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().path("msg").asText()).isNotEmpty();
      assertThat(answer.body()).doesNotContain("Exception").doesNotContain("jetty");
    }
  }

  @Test
  void query_isDecoded_andItsFirstValueCounts() {
    String query = "transport=polling&a=%C3%A4+b&a=second&n=%26";
    Answer open = request(engine, "GET", query, null).join();
    String sid = new Answer(0, open.body().substring(1)).json().path("sid").asText();
    String later = "transport=polling&a=later&sid=" + sid;
    request(engine, "POST", later, "40/echo,{\"n\":7,\"o\":{}}").join();
    Namespace.Request attempt = engine.echo.requests().get(engine.echo.requests().size() - 1);
    assertThat(attempt.param("a")).isEqualTo("\u00e4 b");
    assertThat(attempt.param("n")).isEqualTo("7");
    assertThat(attempt.param("o")).isNull();
    assertThat(attempt.param("missing")).isNull();
  }

  @Test
  void options_is204WithAllow() throws Exception {
    HttpResponse<String> answer = options(engine, "https://page.example");
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, POST, OPTIONS");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(engine.connections()).isZero();
  }

  @Test
  void cors_namedOriginAlone_isLetIn() throws Exception {
    Engine open = Engine.startWithOrigins(List.of("https://page.example"));
    try {
      HttpResponse<String> known = options(open, "https://page.example");
      assertThat(known.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://page.example");
      assertThat(known.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
          .contains("GET")
          .contains("POST");
      assertThat(options(open, "https://other.example").headers().map())
          .doesNotContainKey("access-control-allow-origin");
      HttpRequest request =
          HttpRequest.newBuilder(open.uri("http", "transport=polling"))
              .header("Origin", "https://page.example")
              .build();
      HttpResponse<String> answer = PollClient.HTTP.send(request, BodyHandlers.ofString());
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://page.example");
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(answer.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT))
          .isEqualTo("text/plain;charset=utf-8");
      open.expectQuiet();
    } finally {
      open.close();
    }
  }

  private static HttpResponse<String> options(Engine engine, String origin) throws Exception {
    URI uri = engine.uri("http", "transport=polling");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .header("Origin", origin)
            .build();
    return PollClient.HTTP.send(request, BodyHandlers.ofString());
  }

  private static Answer refusal(Wire wire, String method, String query) {
    String target = method + " /socket.io/?" + query;
    if (method.equals("HEAD")) {
      String head = wire.request(target).head();
      return new Answer(Integer.parseInt(head.split(" ")[1]), "");
    }
    return query.contains("websocket")
        ? wire.request(target, "Connection: Upgrade", "Upgrade: websocket").answer()
        : wire.request(target, "Content-Length: 0").answer();
  }

  private static JsonNode without(JsonNode object, String field) {
    return ((ObjectNode) object.deepCopy()).without(field);
  }
}
