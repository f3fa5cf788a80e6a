package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ScriptedModelTest {

  private final Cancellation cancellation = new Cancellation();

  @Test
  void answering_function_seesTheMessages() {
    ScriptedModel model =
        ScriptedModel.answering(messages -> ((UserMessage) messages.get(0)).singleText() + "!");

    ReplyRecorder reply = ask(model);

    assertThat(reply.awaitResponse().aiMessage().text()).isEqualTo("Hello?!");
    assertThat(reply.awaitResponse().tokenUsage().inputTokenCount()).isEqualTo(7);
    assertThat(model.awaitCall().ref()).isEqualTo("scripted/model");
    assertThat(model.calls()).hasSize(1);
  }

  @Test
  void script_withAGate_goesOnWhenTheTestSays() {
    Gate more = new Gate();
    ScriptedModel model =
        new ScriptedModel(
            (request, reply) -> reply.text("Hel").await(more).text("lo").complete(1, 1));

    ReplyRecorder reply = ask(model);
    reply.awaitText("Hel");
    assertThat(reply.endings()).isZero();
    more.open();

    assertThat(reply.awaitResponse().aiMessage().text()).isEqualTo("Hello");
    assertThat(reply.text()).isEqualTo("Hello");
  }

  @Test
  void hanging_cancelled_endsOnce() {
    ReplyRecorder reply = ask(new ScriptedModel(ScriptedModel.hanging("Half")));
    reply.awaitText("Half");

    cancellation.cancel();

    assertThat(reply.awaitError()).isInstanceOf(CancellationException.class);
    assertThat(reply.text()).isEqualTo("Half");
    assertThat(reply.endings()).isEqualTo(1);
  }

  @Test
  void gate_neverOpened_doesNotHinderCancelling() {
    Gate never = new Gate();
    ReplyRecorder reply =
        ask(new ScriptedModel((request, answer) -> answer.text("Half").await(never)));
    reply.awaitText("Half");

    cancellation.cancel();

    assertThat(reply.awaitError()).isInstanceOf(CancellationException.class);
  }

  @Test
  void failing_afterSomeText_fails() {
    ReplyRecorder reply =
        ask(
            new ScriptedModel(
                ScriptedModel.failing(RunFailure.Code.MODEL_TIMEOUT, "Too late.", "Half")));

    RunFailure failure = ModelErrors.describe(reply.awaitError(), null);
    assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_TIMEOUT);
    assertThat(reply.text()).isEqualTo("Half");
  }

  @Test
  void then_queuedScripts_areForOneCallEach() {
    ScriptedModel model =
        new ScriptedModel(ScriptedModel.pieces("usual"))
            .then(ScriptedModel.toolCall("1", "add", "{}"))
            .then(ScriptedModel.pieces("a", "b"));

    assertThat(ask(model).awaitResponse().aiMessage().toolExecutionRequests())
        .singleElement()
        .satisfies(call -> assertThat(call.name()).isEqualTo("add"));
    assertThat(ask(model).awaitResponse().aiMessage().text()).isEqualTo("ab");
    assertThat(ask(model).awaitResponse().aiMessage().text()).isEqualTo("usual");
  }

  private ReplyRecorder ask(ScriptedModel model) {
    ReplyRecorder recorder = new ReplyRecorder();
    model.open(null, null, null, cancellation).chat(ModelFixture.question(), recorder);
    return recorder;
  }
}
