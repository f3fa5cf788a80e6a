package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Login;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.WireFormat;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Prometheus reads after runs of every end, over every way to ask for one. */
class MetricsOfRunsTest {

  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*})? (\\S+)");
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "histogram", "summary", "untyped", "info");
  private static final Set<String> UNITS_OF_OTHERS =
      Set.of(
          "ms", "millis", "milliseconds", "minutes", "hours", "kb", "mb", "kilobytes", "percent");

  private final Map<String, Double> samples = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();

  @Test
  void metrics_afterRunsOfEveryEnd_countThem() {
    try (ScriptedProvider provider = ScriptedProvider.start();
        AppFixture server = AppFixture.startWith(provider)) {
      Login admin = server.login();
      String chat = server.chat(admin);
      read(server, admin);
      assertThat(value("coterie_runs_total{status=\"failed\"}")).isZero();

      provider.thenReply(WireFormat.OPENAI, "Hel", "lo");
      assertThat(ask(server, admin, chat)).isEqualTo(200);
      provider.thenReply(WireFormat.OPENAI, "Hi");
      assertThat(complete(server, admin, false)).isEqualTo(200);
      provider.thenReply(WireFormat.OPENAI, "Hi");
      assertThat(complete(server, admin, true)).isEqualTo(200);
      provider.thenStatus(401, "{\"error\":{\"message\":\"no\"}}");
      assertThat(ask(server, admin, chat)).isEqualTo(502);
      provider.then(line -> line.open(WireFormat.OPENAI).awaitHangUp());
      server.post(
          admin.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", "x"));
      Await.until(() -> provider.requests().size() == 5, () -> "a fifth request");
      read(server, admin);
      assertThat(value("coterie_runs_running")).isEqualTo(1);
      server.post(admin.token(), "/chat/cancel?chat_id=" + chat, null);

      Await.until(() -> modelRequests(server, admin, "cancelled") == 1, () -> samples.toString());
      Await.until(
          () -> read(server, admin).get("coterie_runs_total{status=\"cancelled\"}") == 1,
          samples::toString);
      assertThat(value("coterie_runs_total{status=\"completed\"}")).isEqualTo(3);
      assertThat(value("coterie_runs_total{status=\"failed\"}")).isEqualTo(1);
      assertThat(value("coterie_runs_total{status=\"interrupted\"}")).isZero();
      assertThat(value("coterie_runs_running")).isZero();
      assertThat(modelRequests(server, admin, "answered")).isEqualTo(3);
      assertThat(modelRequests(server, admin, "failed")).isEqualTo(1);
      assertThat(value("coterie_model_first_token_seconds_count{model=\"scripted/model\"}"))
          .isEqualTo(3);
      double in = value(tokens("input"));
      double out = value(tokens("output"));
      assertThat(in).isPositive();
      assertThat(out).isPositive();
      Map<String, Double> before = Map.copyOf(samples);
      provider.thenReply(WireFormat.OPENAI, "Hi");
      complete(server, admin, false);
      read(server, admin);
      assertThat(value(tokens("input"))).isEqualTo(in * 4 / 3);
      assertThat(value(tokens("output"))).isEqualTo(out * 4 / 3);
      assertThat(samples.keySet()).containsAll(before.keySet());
    }
  }

  @Test
  void metrics_withLiveClients_countThemAndKeepStreamsOutOfDurations() {
    try (AppFixture server = AppFixture.start()) {
      Login admin = server.login();
      String chat = server.chat(admin);
      List<LiveClient> clients = new ArrayList<>();
      for (LiveTransport transport : EnumSet.complementOf(EnumSet.of(LiveTransport.POLLING))) {
        clients.add(transport.connect(server, admin, chat, null));
      }
      for (LiveClient client : clients) {
        client.await("ready");
      }
      read(server, admin);
      for (String transport : List.of("websocket", "sse")) {
        assertThat(value(connections(transport))).as(transport).isEqualTo(1);
      }
      assertThat(value(connections("socketio"))).isEqualTo(2);
      clients.forEach(LiveClient::cut);
      Await.until(
          () ->
              samples.get(connections("sse")) == 0
                  || read(server, admin).get(connections("sse")) == 0,
          samples::toString);

      String stream =
          "http_server_stream_duration_seconds_count{method=\"GET\",route=\"/chat/events\"}";
      Await.until(() -> read(server, admin).getOrDefault(stream, 0.0) == 1, samples::toString);
    }
  }

  @Test
  void metrics_followTheRulesOfPrometheus() {
    try (ScriptedProvider provider = ScriptedProvider.start();
        AppFixture server = AppFixture.startWith(provider)) {
      Login admin = server.login();
      provider.thenReply(WireFormat.OPENAI, "Hello");
      String chat = server.chat(admin);
      ask(server, admin, chat);
      LiveTransport.SSE.connect(server, admin, chat, null).close();
      read(server, admin);

      types.forEach(
          (name, type) -> {
            assertThat(TYPES).contains(type);
            assertThat(name).matches(NAME);
            assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("counter"));
            assertThat(Set.of(name.split("_")))
                .as(name)
                .doesNotContainAnyElementsOf(UNITS_OF_OTHERS)
                .doesNotContain("histogram", "summary", "gauge", "counter");
          });
      for (String sample : samples.keySet()) {
        assertThat(family(sample)).as(sample).isNotNull();
        assertThat(sample).doesNotContain(chat, admin.userId());
      }
      types.forEach(
          (name, type) -> {
            if (type.equals("histogram")) {
              samples.keySet().stream()
                  .filter(sample -> sample.startsWith(name + "_count"))
                  .forEach(sample -> checkHistogram(name, sample.substring(name.length() + 6)));
            }
          });
      assertThat(samples.keySet())
          .contains(
              "jvm_threads_current",
              "jvm_memory_used_bytes{area=\"heap\"}",
              "jvm_memory_max_bytes{area=\"heap\"}",
              "process_cpu_seconds_total",
              "process_open_fds",
              "coterie_database_connections_used",
              "coterie_database_connections_max",
              "coterie_database_file_bytes",
              "coterie_runs_queued",
              "coterie_build_info{version=\"" + App.version() + "\"}")
          .anyMatch(sample -> sample.startsWith("jvm_gc_collection_seconds_count{gc="));
    }
  }

  /** Its buckets grow, and the last one, without a bound, has all. */
  private void checkHistogram(String name, String labels) {
    String before = labels.isEmpty() ? "{" : labels.substring(0, labels.length() - 1) + ",";
    List<Double> buckets =
        samples.entrySet().stream()
            .filter(sample -> sample.getKey().startsWith(name + "_bucket" + before + "le="))
            .map(Map.Entry::getValue)
            .sorted()
            .toList();
    assertThat(buckets).as(name + labels).hasSizeGreaterThan(5);
    assertThat(value(name + "_bucket" + before + "le=\"+Inf\"}"))
        .isEqualTo(value(name + "_count" + labels))
        .isEqualTo(buckets.get(buckets.size() - 1));
    assertThat(value(name + "_sum" + labels)).isPositive();
  }

  private String family(String sample) {
    String name = sample.replaceFirst("\\{.*", "");
    String base = name.replaceFirst("_(bucket|count|sum)$", "");
    return types.getOrDefault(name, types.get(base));
  }

  private double value(String sample) {
    assertThat(samples).containsKey(sample);
    return samples.get(sample);
  }

  private double modelRequests(AppFixture server, Login admin, String outcome) {
    String name =
        "coterie_model_request_duration_seconds_count{model=\"scripted/model\",outcome=\"%s\"}";
    return read(server, admin).getOrDefault(name.formatted(outcome), 0.0);
  }

  private static String tokens(String direction) {
    return "coterie_model_tokens_total{direction=\"%s\",model=\"scripted/model\"}"
        .formatted(direction);
  }

  private static String connections(String transport) {
    return "coterie_open_connections{transport=\"%s\"}".formatted(transport);
  }

  private Map<String, Double> read(AppFixture server, Login admin) {
    AppFixture.Answer answer = server.get(admin.token(), "/metrics");
    assertThat(answer.status()).isEqualTo(200);
    samples.clear();
    types.clear();
    Set<String> helped = new HashSet<>();
    answer
        .response()
        .body()
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ", 4);
              if (line.startsWith("# HELP ")) {
                assertThat(words).as(line).hasSize(4);
                assertThat(helped.add(words[2])).as(line).isTrue();
              } else if (line.startsWith("# TYPE ")) {
                types.put(words[2], words[3].toLowerCase(Locale.ROOT));
              } else {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String labels = sample.group(2) == null ? "" : sample.group(2);
                Double earlier =
                    samples.put(sample.group(1) + labels, Double.valueOf(sample.group(3)));
                assertThat(earlier).as(line).isNull();
              }
            });
    assertThat(helped).isEqualTo(types.keySet());
    return samples;
  }

  private static int ask(AppFixture server, Login user, String chat) {
    ObjectNode body = AppFixture.object("chat_id", chat, "message", "Hello?");
    return server.post(user.token(), "/chat/message?wait=true", body).status();
  }

  private static int complete(AppFixture server, Login user, boolean streamed) {
    ObjectNode request = AppFixture.object("model", "coordinator");
    request.put("stream", streamed);
    request.putArray("messages").add(AppFixture.object("role", "user", "content", "Hello?"));
    return server.post(user.token(), "/v1/chat/completions", request).status();
  }
}
