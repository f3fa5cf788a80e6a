package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.model.ScriptedModel;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {

  @Test
  void metrics_afterRequestsAndARun_countThemByRouteAndStatus() {
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hello"));
    try (AppFixture server = AppFixture.startWith(model)) {
      AppFixture.Login admin = server.login();
      String chat = server.chat(admin);
      JsonNode body = AppFixture.object("chat_id", chat, "message", "hi");
      server.post(admin.token(), "/chat/message?wait=true", body);
      server.post(admin.token(), "/v1/chat/completions", completion());
      server.get(admin.token(), "/workspace/" + chat);
      server.get(null, "/nowhere/" + chat);
      server.get(null, "/elsewhere?secret=" + chat);
      server.send(null, "PURGE", "/ping", null, Map.of());

      try (ChatClient client = server.connect(admin, chat)) {
        client.await("ready");
        String text = read(server, admin.token());
        assertThat(text)
            .contains("# TYPE http_server_request_duration_seconds histogram")
            .contains(requests("POST", "/chat/message", 200) + " 1")
            .contains(requests("GET", "/workspace/{workspace_id}", 404) + " 1")
            .contains(requests("GET", "none", 404) + " 2")
            .contains("coterie_runs_total{status=\"completed\"} 2.0")
            .contains("coterie_runs_running 0.0")
            .contains("coterie_runs_queued 0.0")
            .contains("coterie_open_connections{transport=\"websocket\"} 1.0")
            .contains("coterie_open_connections{transport=\"sse\"} 0.0")
            .contains("coterie_model_request_duration_seconds_count")
            .contains("coterie_model_first_token_seconds_count")
            .contains("coterie_database_connections_max 10.0")
            .contains("jvm_memory_used_bytes{area=\"heap\"}")
            .contains("process_start_time_seconds")
            .doesNotContain(chat);
      }
    }
  }

  @Test
  void metrics_askedForAsOpenMetrics_areThat() {
    try (AppFixture server = AppFixture.start("metrics.public=true")) {
      AppFixture.Answer answer =
          server.send(
              null, "GET", "/metrics", null, Map.of("Accept", "application/openmetrics-text"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.response().headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/openmetrics-text; version=1.0.0");
      assertThat(answer.response().body()).endsWith("# EOF\n");
    }
  }

  @Test
  void metrics_noAdmin_refused() {
    try (AppFixture server = AppFixture.start()) {
      server.login();

      assertThat(server.get(null, "/metrics").status()).isEqualTo(401);
      assertThat(server.get(server.login().token(), "/metrics").status()).isEqualTo(403);
    }
  }

  private static JsonNode completion() {
    ObjectNode request = AppFixture.object("model", "echo");
    request.putArray("messages").add(AppFixture.object("role", "user", "content", "hi"));
    return request;
  }

  private static String read(AppFixture server, String token) {
    AppFixture.Answer answer = server.get(token, "/metrics");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.response().headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    return answer.response().body();
  }

  private static String requests(String method, String route, int status) {
    return "http_server_request_duration_seconds_count{method=\"%s\",route=\"%s\",status=\"%d\"}"
        .formatted(method, route, status);
  }
}
