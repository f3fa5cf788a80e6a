package io.coterie;

import static io.coterie.http.Access.ACCOUNT;
import static io.coterie.http.Access.ADMIN;
import static io.coterie.http.Access.ONE_TIME_STRING;
import static io.coterie.http.Access.OPTIONAL;
import static io.coterie.http.Access.PUBLIC;
import static io.coterie.http.Access.STRING_OR_USER;
import static io.coterie.http.Access.USER;

import io.coterie.agent.AgentHandler;
import io.coterie.chat.ChatFeature;
import io.coterie.http.Access;
import io.coterie.http.Authentication;
import io.coterie.openapi.ApiDocsHandler;
import io.coterie.packages.PackageHandler;
import io.coterie.packages.RegistryHandler;
import io.coterie.socketio.SocketIoServlet;
import io.coterie.user.UserHandler;
import io.coterie.workspace.WorkspaceHandler;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.MethodNotAllowedResponse;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;

/** Every path of the server, what handles it and who may use it, on one page. */
final class Routes {

  /** The handlers that the routes lead to. */
  record Handlers(
      Authentication authentication,
      UserHandler users,
      WorkspaceHandler workspaces,
      ChatFeature chat,
      AgentHandler agents,
      PackageHandler packages,
      RegistryHandler registry,
      StatusHandler status,
      ApiDocsHandler apiDocs,
      SocketIoServlet socketIo) {}

  /** One route; the method of a WebSocket is {@code WS}. */
  record Route(String method, String path, Handler handler, Access access) {}

  private Routes() {}

  static List<Route> all(Handlers h) {
    var users = h.users();
    var workspaces = h.workspaces();
    var chats = h.chat().chats();
    var messages = h.chat().messages();
    var socket = h.chat().socket();
    return List.of(
        // accounts
        route("POST", "/register", users::register, PUBLIC),
        route("POST", "/auth/login", users::login, PUBLIC),
        route("GET", "/user", users::get, ACCOUNT),
        route("PUT", "/user", users::update, ACCOUNT),
        route("DELETE", "/user", users::delete, USER),
        route("PUT", "/user/password", users::changePassword, USER),

        // workspaces
        route("POST", "/workspace", workspaces::create, USER),
        route("GET", "/workspace", workspaces::list, USER),
        route("GET", "/workspace/{workspace_id}", workspaces::get, USER),
        route("DELETE", "/workspace/{workspace_id}", workspaces::delete, USER),
        route("GET", "/workspace/{workspace_id}/chats", chats::ofWorkspace, USER),
        route("POST", "/workspace/{workspace_id}/agent", workspaces::addAgent, USER),
        route("DELETE", "/workspace/{workspace_id}/agent", workspaces::removeAgent, USER),
        route("PUT", "/workspace/{workspace_id}/rename", workspaces::rename, USER),
        route("PUT", "/workspace/{workspace_id}/coordinator", workspaces::setCoordinator, USER),

        // chats
        route("POST", "/chat", chats::create, USER),
        route("GET", "/chat", chats::get, USER),
        route("DELETE", "/chat", chats::delete, USER),
        route("GET", "/chat/authorize", chats::authorizeConnection, USER),
        route("GET", "/chat/authorize/message", chats::authorizeMessage, USER),

        // live chat
        route("GET", "/chat/connect", socket::upgradeRequired, PUBLIC),
        route("WS", "/chat/connect", socket::beforeUpgrade, ONE_TIME_STRING),
        route("GET", "/chat/events", h.chat().stream()::events, STRING_OR_USER),
        route("POST", "/chat/message", messages::post, USER),
        route("POST", "/chat/retry", messages::retry, USER),
        route("POST", "/chat/cancel", messages::cancel, USER),
        route("GET", "/chat/messages", messages::history, USER),

        // agents
        route("GET", "/agent", h.agents()::list, USER),
        route("POST", "/agent", h.agents()::create, USER),
        route("GET", "/agent/download", h.packages()::download, OPTIONAL),
        route("GET", "/agent/search", h.packages()::search, USER),
        route("GET", "/agent/{agent_id}", h.agents()::get, USER),
        route("DELETE", "/agent/{agent_id}", h.agents()::uninstall, USER),

        // this server's own registry
        route("GET", "/registry/index.json", h.registry()::list, PUBLIC),
        route("GET", "/registry/{name}/{file}", h.registry()::file, PUBLIC),
        route("PUT", "/registry/{name}/{version}", h.registry()::publish, ADMIN),
        route("GET", "/schemas/agent.json", h.agents()::schema, PUBLIC),

        // operations
        route("GET", "/ping", h.status()::ping, PUBLIC),
        route("GET", "/health", h.status()::health, PUBLIC),
        route("GET", "/ready", h.status()::ready, PUBLIC),

        // what you read here, for programs and for people
        route("GET", "/openapi.json", h.apiDocs()::document, PUBLIC),
        route("GET", "/docs", h.apiDocs()::page, PUBLIC),
        route("GET", "/docs/{version}/{file}", h.apiDocs()::file, PUBLIC));
  }

  /** Registers all routes, each behind its access check. */
  static void register(RoutesConfig routes, Handlers h) {
    routes.beforeMatched(h.authentication()::check);
    routes.wsBeforeUpgrade(h.authentication()::check);
    for (Route route : all(h)) {
      switch (route.method()) {
        case "GET" -> {
          routes.get(route.path(), route.handler(), route.access());
          boolean safe = route.access() != STRING_OR_USER && route.access() != OPTIONAL;
          routes.head(route.path(), safe ? route.handler() : Routes::noHead, route.access());
        }
        case "POST" -> routes.post(route.path(), route.handler(), route.access());
        case "PUT" -> routes.put(route.path(), route.handler(), route.access());
        case "DELETE" -> routes.delete(route.path(), route.handler(), route.access());
        case "WS" -> {
          routes.wsBeforeUpgrade(route.path(), route.handler());
          routes.ws(route.path(), h.chat().socket()::configure, route.access());
        }
        default -> throw new IllegalArgumentException(route.method());
      }
    }
  }

  /**
   * Registers what Javalin does not serve, because long polling needs the servlet itself. Public:
   * what is behind it is opened by a one-time string.
   */
  static void mount(ServletContextHandler context, Handlers h) {
    ServletHolder socketIo = new ServletHolder(h.socketIo());
    socketIo.setAsyncSupported(true);
    context.addServlet(socketIo, "/socket.io/*");
  }

  /** For what has an effect, or never ends. */
  private static void noHead(Context ctx) {
    throw new MethodNotAllowedResponse("", Map.of("availableMethods", "GET"));
  }

  private static Route route(String method, String path, Handler handler, Access access) {
    return new Route(method, path, handler, access);
  }
}
