package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.http.Json;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.ToolCall;
import io.coterie.model.WireFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Agents ask agents, with models that are asked in the formats of real providers. */
class DelegationOverHttpTest {

  @ParameterizedTest
  @EnumSource
  void run_withTwoDelegates_asksThemAndGivesBackWhatTheySaid(WireFormat format) {
    try (ScriptedProvider provider = ScriptedProvider.start();
        AppFixture app = AppFixture.startWith(provider, format.type())) {
      AppFixture.Login user = app.login();
      var manifest =
          AppFixture.object(
              "agent_id", "asker", "name", "N", "description", "D", "instructions", "Ask.");
      manifest.set("delegates", Json.MAPPER.valueToTree(List.of("calculator", "echo")));
      app.post(user.token(), "/agent", manifest);
      provider.then(
          format.asking(
              "Let me see.",
              ToolCall.of("call_1", "calculator", "{\"message\":\"6*7\"}"),
              ToolCall.of("call_2", "echo", "{\"message\":\"Grüße 😀\"}")));
      provider.thenReply(format, "It is", " 42.");

      JsonNode reply =
          app.post(
                  user.token(),
                  "/chat/message?wait=true",
                  AppFixture.object("chat_id", app.chat(user), "message", "@asker 6*7?"))
              .json();

      assertThat(reply.path("content").asText()).isEqualTo("Let me see.\n\nIt is 42.");
      assertThat(reply.path("usage").path("input_tokens").asInt()).isGreaterThan(7);
      assertThat(provider.requests()).hasSize(2);
      assertThat(provider.requests().get(0).body().path("tools")).hasSize(2);
      String second = provider.requests().get(1).body().path("messages").toString();
      assertThat(second).contains("42", "Grüße 😀", "calculator");
    }
  }
}
