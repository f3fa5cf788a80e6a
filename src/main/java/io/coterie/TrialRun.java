package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.config.Config;
import io.coterie.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.Map;

/**
 * Starts the server in a scratch folder, does once what people do first, and stops: {@code run.sh}
 * lets the JVM archive the classes that this loads, which makes later starts quicker.
 */
final class TrialRun {

  private static final String LOGIN = "{\"email\":\"trial@example.com\",\"password\":\"trial\"}";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private String token = "";

  private TrialRun(int port) {
    this.port = port;
  }

  /**
   * @param args the data folder
   */
  public static void main(String[] args) throws Exception {
    String[] settings = {"--server.port=0", "--data.dir=" + args[0]};
    try (App app = App.start(Config.load(settings, Map.of(), Path.of("")))) {
      new TrialRun(app.port()).walk();
    }
  }

  private void walk() throws IOException, InterruptedException {
    send("GET", "/ping", "");
    send("POST", "/register", LOGIN);
    token = send("POST", "/auth/login", LOGIN).path("access_token").asText();
    send("GET", "/user", "");
    String workspace =
        send("POST", "/workspace", "{\"name\":\"Trial\"}")
            .path("workspace")
            .path("workspace_id")
            .asText();
    send("GET", "/workspace", "");
    String chat =
        send("POST", "/chat?workspace_id=" + workspace, "").path("chat").path("chat_id").asText();
    send("GET", "/workspace/" + workspace + "/chats", "");
    String message = "{\"chat_id\":\"" + chat + "\",\"message\":\"@echo hello\"}";
    send("POST", "/chat/message?wait=true", message);
    send("GET", "/chat/messages?chat_id=" + chat, "");
    send("GET", "/chat/events?poll=1&since=0&chat_id=" + chat, "");
    send("GET", "/agent", "");
    String string =
        send("GET", "/chat/authorize?chat_id=" + chat, "").path("connection_string").asText();
    String address = "/chat/connect?chat_id=" + chat + "&connection_string=" + string;
    http.newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + port + address), new WebSocket.Listener() {})
        .join()
        .sendClose(WebSocket.NORMAL_CLOSURE, "")
        .join();
  }

  private JsonNode send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Authorization", "Bearer " + token)
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.statusCode());
    }
    return Json.MAPPER.readTree(response.body());
  }
}
