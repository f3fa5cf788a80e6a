package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelTimeoutsTest {

  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration LONG = Duration.ofSeconds(2L * ScriptedProvider.PATIENCE_SECONDS);

  @ParameterizedTest
  @EnumSource
  void firstToken_noHeaders_givesUpAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, SHORT, LONG))) {
      f.server.then(ScriptedProvider.Line::awaitHangUp);

      assertTimeout(f.askInVain(), "did not begin");
      f.server.awaitNoConnection();
    }
  }

  @ParameterizedTest
  @EnumSource
  void firstToken_headersButNoBody_givesUpAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, SHORT, LONG))) {
      f.server.then(line -> line.openOnly(format).awaitHangUp());

      assertTimeout(f.askInVain(), "did not begin");
      f.server.awaitNoConnection();
    }
  }

  @ParameterizedTest
  @EnumSource
  void idle_neverEndingReply_givesUpAndHangsUp(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, LONG, SHORT))) {
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());

      ReplyRecorder reply = f.ask();
      assertTimeout(ModelErrors.describe(reply.awaitError(), ModelFixture.REF), "middle");
      f.server.awaitHangUp();
      assertThat(reply.text()).isEqualTo("Half");
      assertThat(reply.endings()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void idle_slowToBegin_isNotMeant(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, LONG, SHORT))) {
      Gate late = new Gate();
      f.server.then(
          line -> {
            late.await();
            line.open(format).send(format.text("Hi") + format.end(7, 3)).end();
          });
      // Another reply that stalls for the idle limit, begun later, shows that as much has passed.
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      ReplyRecorder slow = f.ask();
      f.server.awaitRequest();
      f.ask().awaitError();
      late.open();

      assertThat(slow.awaitResponse().aiMessage().text()).isEqualTo("Hi");
    }
  }

  @ParameterizedTest
  @EnumSource
  void idle_slowHandler_isNotMeant(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, LONG, SHORT))) {
      f.server.thenReply(format, "Hi");
      f.server.then(line -> line.open(format).send(format.text("Half")).awaitHangUp());
      Gate done = new Gate();
      Gate inHandler = new Gate();
      ReplyRecorder slow =
          f.ask(
              new ReplyRecorder() {
                @Override
                public void onPartialResponse(String piece) {
                  inHandler.open();
                  done.await();
                  super.onPartialResponse(piece);
                }
              });
      inHandler.await();
      f.ask().awaitError();
      done.open();

      assertThat(slow.awaitResponse().aiMessage().text()).isEqualTo("Hi");
    }
  }

  @ParameterizedTest
  @EnumSource
  void idle_errorBodyThatNeverEnds_isReportedWithWhatThereIs(WireFormat format) {
    try (ModelFixture f = new ModelFixture(format, new ModelTimeouts(LONG, LONG, SHORT))) {
      f.server.then(line -> line.head(429, 1000).sendRaw("{\"error\"").awaitHangUp());

      assertThat(f.askInVain().code()).isEqualTo(RunFailure.Code.MODEL_RATE_LIMITED);
      f.server.awaitHangUp();
    }
  }

  @Test
  void connect_noAnswer_givesUp() throws IOException {
    // A full queue of connections that nobody accepts: further ones get no answer at all.
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<SocketChannel> fillers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        SocketChannel filler = SocketChannel.open();
        filler.configureBlocking(false);
        filler.connect(new InetSocketAddress(deaf.getInetAddress(), deaf.getLocalPort()));
        fillers.add(filler);
      }
      Provider provider =
          new Provider(
              "local", Provider.Type.OLLAMA, "http://127.0.0.1:" + deaf.getLocalPort(), null);
      try (ModelCatalog models =
          new ModelCatalog(
              Map.of("local", provider), "local/m", new ModelTimeouts(SHORT, LONG, LONG))) {
        ReplyRecorder reply = new ReplyRecorder();
        models.open(null, null, null, new Cancellation()).chat(ModelFixture.question(), reply);

        assertTimeout(ModelErrors.describe(reply.awaitError(), "local/m"), "reached");
      }
      for (SocketChannel filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void timeouts_notPositive_areRefused() {
    assertThatThrownBy(() -> new ModelTimeouts(SHORT, Duration.ZERO, SHORT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("firstToken");
  }

  private static void assertTimeout(RunFailure failure, String words) {
    assertThat(failure.code()).isEqualTo(RunFailure.Code.MODEL_TIMEOUT);
    assertThat(failure).hasMessageContaining(words);
  }
}
