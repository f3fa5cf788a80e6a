package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Polls at the moments that a real client hits once in a million times. */
class PollingTransportTest {

  private final PollingTransport transport = new PollingTransport();
  private final AtomicInteger ended = new AtomicInteger();
  private final EngineConnection connection =
      new EngineConnection("sid", Engine.HEARTBEAT, transport, 0, gone -> ended.incrementAndGet());

  PollingTransportTest() {
    connection.receiver(new Deaf());
    transport.connection(connection);
  }

  @Test
  void pollWhoseConnectionEndsJustThen_isAnswered() {
    Request request = new Request();
    boolean taken =
        transport.poll(
            () -> {
              connection.abort();
              return request.async();
            });
    assertThat(taken).isTrue();
    assertThat(request.answer()).isEqualTo("6");
  }

  @Test
  void answerThatFails_endsTheConnection_andTheNextPollIsAnswered() {
    Request first = new Request();
    Request second = new Request();
    transport.poll(first::async);
    connection.send("4lost");
    transport.poll(second::async);
    assertThat(second.completed).isZero();
    first.listener.onError(new IOException("the client has gone"));
    assertThat(ended).hasValue(1);
    assertThat(first.completed).isEqualTo(1);
    assertThat(second.answer()).isEqualTo("6");
  }

  @Test
  void answerThatCannotBegin_endsTheConnection_andItsRequest() {
    Request request = new Request();
    request.broken = true;
    transport.poll(request::async);
    connection.send("4lost");
    assertThat(ended).hasValue(1);
    assertThat(request.completed).isEqualTo(1);
  }

  @Test
  void pollsWhoseAnswersAreNotRead_areTwoAtMost() {
    for (int i = 0; i < 2; i++) {
      assertThat(transport.poll(new Request()::async)).isTrue();
      connection.send("4x");
    }
    assertThat(transport.poll(new Request()::async)).isFalse();
  }

  @Test
  void pollBesideAnotherOne_isNotTaken() {
    assertThat(transport.poll(new Request()::async)).isTrue();
    assertThat(transport.poll(new Request()::async)).isFalse();
  }

  /** A request as the container shows it; writing is possible when the test says so. */
  private static final class Request {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private WriteListener listener;
    private boolean broken;
    private int completed;

    AsyncContext async() {
      HttpServletResponse response =
          proxy(HttpServletResponse.class, Map.of("getOutputStream", this::output));
      return proxy(
          AsyncContext.class, Map.of("getResponse", () -> response, "complete", () -> completed++));
    }

    String answer() {
      try {
        listener.onWritePossible();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      assertThat(completed).isEqualTo(1);
      return body.toString(StandardCharsets.UTF_8);
    }

    private ServletOutputStream output() {
      if (broken) {
        throw new IllegalStateException("as asked for");
      }
      return new ServletOutputStream() {
        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(WriteListener value) {
          listener = value;
        }

        @Override
        public void write(int b) {
          body.write(b);
        }
      };
    }

    /** An instance whose methods of these names do that, and whose others do nothing. */
    private static <T> T proxy(Class<T> type, Map<String, Supplier<?>> behaviour) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, args) -> {
                Object value = behaviour.getOrDefault(method.getName(), () -> null).get();
                return method.getReturnType() == void.class ? null : value;
              }));
    }
  }

  private static final class Deaf implements Receiver {
    @Override
    public void text(String message) {}

    @Override
    public void binary() {}

    @Override
    public void ended() {}
  }
}
