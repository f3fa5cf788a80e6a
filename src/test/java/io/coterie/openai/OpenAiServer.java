package io.coterie.openai;

import static io.coterie.AppFixture.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.model.ScriptedModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A server with a scripted model and a user, spoken to in OpenAI's way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OpenAiServer {

  final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
  AppFixture app;
  AppFixture.Login user;

  @BeforeAll
  void startServer() {
    app = AppFixture.startWith(model, settings());
    user = app.login();
  }

  @AfterAll
  void stopServer() {
    app.close();
  }

  String[] settings() {
    return new String[0];
  }

  String baseUrl() {
    return app.url() + "/v1";
  }

  /** A request with one message of a person. */
  static ObjectNode asking(String model, String text) {
    ObjectNode request = object("model", model);
    request.putArray("messages").add(object("role", "user", "content", text));
    return request;
  }

  Answer complete(ObjectNode request) {
    return app.post(user.token(), "/v1/chat/completions", request);
  }

  /** The lines with data of a stream, without what marks them. */
  List<String> stream(ObjectNode request) {
    Answer answer = complete(request.put("stream", true));
    return answer
        .response()
        .body()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring(6))
        .toList();
  }

  /** Sends a request and answers the open connection. */
  Socket open(ObjectNode request) {
    byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
    try {
      Socket socket = new Socket("127.0.0.1", app.port());
      socket.setSoTimeout(20_000);
      String head =
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
              + "Content-Length: %d\r\n\r\n";
      socket
          .getOutputStream()
          .write(head.formatted(user.token(), body.length).getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until a line has that text in it. */
  static void awaitLine(Socket socket, String text) {
    try {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line;
      do {
        line = in.readLine();
        if (line == null) {
          throw new AssertionError(text + " never came");
        }
      } while (!line.contains(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
