package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.Routes.Route;
import io.coterie.http.Access;
import io.javalin.config.JavalinState;
import io.javalin.http.HandlerType;
import io.javalin.security.Roles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page of routes holds for what is really served, and strangers are refused by all of it. */
class RoutesTest {

  private static final Set<String> PUBLIC =
      Set.of(
          "POST /register",
          "POST /auth/login",
          "GET /chat/connect",
          "GET /registry/index.json",
          "GET /registry/{name}/{file}",
          "GET /schemas/agent.json",
          "GET /ping",
          "GET /health",
          "GET /ready",
          "GET /openapi.json",
          "GET /docs",
          "GET /docs/{version}/{file}");

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void routes_registered_areThoseOnThePage() {
    Map<String, Set<?>> declared = new TreeMap<>();
    for (Route route : app.app().routes()) {
      declared.put(route.method() + " " + route.path(), Set.of(route.access(), route.keys()));
    }
    assertThat(registered()).isEqualTo(declared);
  }

  /** What Javalin would answer; HEAD is left out, which goes with GET. */
  private static Map<String, Set<?>> registered() {
    JavalinState state = app.app().web().javalin().unsafe;
    Map<String, Set<?>> found = new TreeMap<>();
    for (var entry : state.internalRouter.allHttpHandlers()) {
      HandlerType method = entry.endpoint.method;
      if (method.isHttpMethod() && method != HandlerType.HEAD) {
        found.put(
            method.name() + " " + entry.endpoint.path,
            entry.endpoint.metadata(Roles.class).getRoles());
      }
    }
    for (var entry : state.internalRouter.allWsHandlers()) {
      found.put("WS " + entry.getPath(), entry.getRoles());
    }
    return found;
  }

  @Test
  void routes_head_isRegisteredWithTheRoleOfItsGet() {
    JavalinState state = app.app().web().javalin().unsafe;
    Map<String, Set<?>> declared = new TreeMap<>();
    app.app()
        .routes()
        .forEach(r -> declared.put(r.method() + " " + r.path(), Set.of(r.access(), r.keys())));
    for (var entry : state.internalRouter.allHttpHandlers()) {
      if (entry.endpoint.method == HandlerType.HEAD) {
        assertThat(entry.endpoint.metadata(Roles.class).getRoles())
            .isEqualTo(declared.get("GET " + entry.endpoint.path));
      }
    }
  }

  @Test
  void routes_public_areTheseAndNoMore() {
    Set<String> found = new TreeSet<>();
    for (Route route : app.app().routes()) {
      if (route.access() == Access.PUBLIC) {
        found.add(route.method() + " " + route.path());
      }
    }
    assertThat(found).isEqualTo(new TreeSet<>(PUBLIC));
  }

  @Test
  void routes_notPublic_refuseStrangers() {
    int walked = 0;
    for (Route route : app.app().routes()) {
      if (PUBLIC.contains(route.method() + " " + route.path())) {
        continue;
      }
      String path = route.path().replaceAll("\\{[^}]*}", "any");
      if (route.access() == Access.OPTIONAL) {
        // What a stranger may learn there is a matter of its own; a bad token never passes.
        path += "?query=summarizer";
      }
      refused(request(route, path + ids(route), null), "Missing Authorization Header");
      for (String token : List.of("x", "Bearer x", "Basic dTpw")) {
        refused(request(route, path + ids(route), token), "Invalid token");
      }
      walked++;
    }
    assertThat(walked).isEqualTo(app.app().routes().size() - PUBLIC.size());
  }

  private static String ids(Route route) {
    return route.method().equals("WS") ? "?chat_id=any&connection_string=any" : "";
  }

  private static RawClient.Reply request(Route route, String target, String authorization) {
    boolean ws = route.method().equals("WS");
    String request =
        (ws ? "GET" : route.method())
            + " "
            + target
            + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
            + (authorization == null ? "" : "Authorization: " + authorization + "\r\n")
            + (ws
                ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                : "")
            + "\r\n";
    return RawClient.send(app, request.getBytes(StandardCharsets.US_ASCII));
  }

  private static void refused(RawClient.Reply reply, String msg) {
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.headers()).containsEntry("www-authenticate", "Bearer");
    assertThat(reply.headers()).containsKey("x-request-id");
    JsonNode json = reply.json();
    String told =
        json.has("error") ? json.at("/error/message").asText() : json.path("msg").asText();
    assertThat(told).isIn(msg, "Invalid connection string");
  }
}
