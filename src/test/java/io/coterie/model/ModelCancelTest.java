package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCancelTest {

  @ParameterizedTest
  @EnumSource
  void cancel_beforeHeaders_hangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(ScriptedProvider.Line::awaitHangUp);
      ReplyRecorder reply = f.ask();
      f.server.awaitRequest();

      f.cancellation.cancel();

      assertCancelled(reply);
      f.server.awaitHangUp();
      assertThat(f.server.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_beforeTheFirstToken_hangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      Gate opened = new Gate();
      f.server.then(
          line -> {
            line.openOnly(format);
            opened.open();
            line.awaitHangUp();
          });
      ReplyRecorder reply = f.ask();
      opened.await();

      f.cancellation.cancel();

      assertCancelled(reply);
      f.server.awaitHangUp();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_inTheMiddle_hangsUpAndKeepsTheText(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      ReplyRecorder reply = f.ask();
      reply.awaitText("Half");

      f.cancellation.cancel();

      assertCancelled(reply);
      f.server.awaitHangUp();
      assertThat(reply.text()).isEqualTo("Half");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_fromTheHandler_letsNoFurtherTextThrough(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(
          line ->
              // One packet, so that all of it is there when the first piece is handled.
              line.open(format)
                  .send(format.text("one") + format.text("two") + format.end(1, 1))
                  .awaitHangUp());
      ReplyRecorder reply =
          f.ask(
              new ReplyRecorder() {
                @Override
                public synchronized void onPartialResponse(String piece) {
                  super.onPartialResponse(piece);
                  f.cancellation.cancel();
                }
              });

      assertCancelled(reply);
      f.server.awaitHangUp();
      assertThat(reply.text()).isEqualTo("one");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_whileTextPoursIn_hangsUpAndEndsOnce(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.then(line -> line.open(format).sendUntilHangUp(format.text("more ")));
      Gate some = new Gate();
      ReplyRecorder reply =
          f.ask(
              new ReplyRecorder() {
                @Override
                public synchronized void onPartialResponse(String piece) {
                  super.onPartialResponse(piece);
                  some.open();
                }
              });
      some.await();

      f.cancellation.cancel();

      assertCancelled(reply);
      f.server.awaitHangUp();
      assertThat(reply.spokeAfterEnd()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_withALockThatTheHandlerWants_doesNotWait(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      Object lock = new Object();
      Gate inHandler = new Gate();
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      ReplyRecorder reply;
      synchronized (lock) {
        reply =
            f.ask(
                new ReplyRecorder() {
                  @Override
                  public void onPartialResponse(String piece) {
                    inHandler.open();
                    synchronized (lock) {
                      super.onPartialResponse(piece);
                    }
                  }
                });
        inHandler.await();
        f.cancellation.cancel();
        f.server.awaitHangUp();
      }
      assertCancelled(reply);
    }
  }

  @Test
  void cancel_atAnyMoment_leavesNoConnectionOpen() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      for (int round = 0; round < 100; round++) {
        f.server.then(line -> line.open(WireFormat.OPENAI).awaitHangUp());
        Cancellation cancellation = new Cancellation();
        ReplyRecorder reply = new ReplyRecorder();
        f.models.open(null, null, null, cancellation).chat(ModelFixture.question(), reply);
        // From before the connection to after the head of the reply.
        long moment = System.nanoTime() + round * 20_000L;
        while (System.nanoTime() < moment) {
          Thread.onSpinWait();
        }
        cancellation.cancel();
        assertCancelled(reply);
      }
      f.server.awaitNoConnection();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_beforeTheCall_sendsNothing(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.cancellation.cancel();

      assertCancelled(f.ask());
      assertThat(f.server.connections()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_afterTheEnd_changesNothing(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenReply(format, "Hi");
      ReplyRecorder reply = f.ask();
      reply.awaitResponse();

      f.cancellation.cancel();

      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_atTheEndOfAReply_harmsNoneThatFollowsOnItsConnection(WireFormat format)
      throws Exception {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.usually(line -> line.open(format).send(format.text("Hi") + format.end(7, 3)).end());
      Callable<Integer> asker =
          () -> {
            for (int i = 0; i < 200; i++) {
              Cancellation cancellation = new Cancellation();
              ReplyRecorder reply = new ReplyRecorder();
              f.models.open(null, null, null, cancellation).chat(ModelFixture.question(), reply);
              assertThat(reply.awaitResponse().aiMessage().text()).isEqualTo("Hi");
              cancellation.cancel();
            }
            return f.server.connections();
          };
      AllAtOnce.call(Collections.nCopies(4, asker));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_oneRun_leavesTheOthersAlone(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format)) {
      Gate more = new Gate();
      f.server.then(
          line -> {
            line.open(format).send(format.text("Hel"));
            more.await();
            line.send(format.text("lo") + format.end(7, 3)).end();
          });
      ReplyRecorder staying = new ReplyRecorder();
      f.models.open(null, null, null, new Cancellation()).chat(ModelFixture.question(), staying);
      staying.awaitText("Hel");
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      ReplyRecorder leaving = f.ask();
      leaving.awaitText("Half");

      f.cancellation.cancel();
      f.server.awaitHangUp();
      more.open();

      assertCancelled(leaving);
      assertThat(staying.awaitResponse().aiMessage().text()).isEqualTo("Hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void close_withRepliesInProgress_endsThemAndTheThreads(WireFormat format)
      throws InterruptedException {
    try (ModelFixture f = new ModelFixture(format)) {
      List<Thread> workers = new ArrayList<>();
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      ReplyRecorder reply =
          f.ask(
              new ReplyRecorder() {
                @Override
                public synchronized void onPartialResponse(String piece) {
                  workers.add(Thread.currentThread());
                  super.onPartialResponse(piece);
                }
              });
      reply.awaitText("Half");

      f.models.close();

      assertCancelled(reply);
      f.server.awaitHangUp();
      for (Thread worker : workers) {
        worker.join(ScriptedProvider.PATIENCE_SECONDS * 1000L);
        assertThat(worker.isAlive()).isFalse();
      }
      assertCancelled(f.ask());
    }
  }

  @Test
  void close_withoutAnyRequest_isQuiet() {
    try (ModelFixture f = new ModelFixture(WireFormat.OPENAI)) {
      f.models.close();
      f.models.close();
      assertCancelled(f.ask());
    }
  }

  private static void assertCancelled(ReplyRecorder reply) {
    Throwable error = reply.awaitError();
    assertThat(error).isInstanceOf(CancellationException.class);
    assertThat(ModelErrors.isCancelled(error)).isTrue();
    assertThat(reply.endings()).isEqualTo(1);
  }
}
