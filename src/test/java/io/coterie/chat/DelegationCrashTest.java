package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a start after a crash makes of delegates that were at work. */
class DelegationCrashTest extends TeamServer {

  @Override
  AppFixture boot(ScriptedModel model) {
    return AppFixture.startOnDiskWith(model);
  }

  @Test
  void crash_whileADelegateWorks_endsWhatHadBegun() {
    Gate working = new Gate();
    String helper =
        agent(
            "helper",
            (request, reply) -> {
              working.open();
              reply.awaitCancel();
            });
    String middle = agent("middle", calling(helper, message("x")), helper);
    String asker =
        agent("asker", calling("echo", message("first"), middle, message("y")), "echo", middle);
    String chat = chat();
    post(chat, "@" + asker + " Go");
    working.await();
    Await.until(() -> acts(chat).size() >= 9, () -> acts(chat).toString());

    try (AppFixture after = app.afterCrash()) {
      List<JsonNode> events = new ArrayList<>();
      after
          .get(user.token(), "/chat/events?poll=1&since=0&chat_id=" + chat)
          .json()
          .path("events")
          .forEach(events::add);
      List<String> acts = acts(events);
      assertThat(acts.subList(acts.size() - 5, acts.size()))
          .containsExactly(
              helper + " for " + middle + " at 2: failed",
              middle + " uses " + helper + ": failed",
              middle + " for " + asker + " at 1: failed",
              asker + " uses " + middle + ": failed",
              asker + " at 0: failed");
      assertThat(brief(events)).endsWith("run interrupted");
    }
    cancel(chat);
  }
}
