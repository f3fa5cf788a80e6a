package io.coterie;

import static io.coterie.http.Access.ACCOUNT;
import static io.coterie.http.Access.ADMIN;
import static io.coterie.http.Access.ONE_TIME_STRING;
import static io.coterie.http.Access.OPTIONAL;
import static io.coterie.http.Access.PUBLIC;
import static io.coterie.http.Access.STRING_OR_USER;
import static io.coterie.http.Access.USER;
import static io.coterie.http.Keys.ANY_KEY;
import static io.coterie.http.Keys.NO_KEY;
import static io.coterie.http.Keys.UNSCOPED_KEY;

import io.coterie.agent.AgentHandler;
import io.coterie.chat.ChatFeature;
import io.coterie.http.Access;
import io.coterie.http.Authentication;
import io.coterie.http.ClientAddresses;
import io.coterie.http.Keys;
import io.coterie.http.RequestBodies;
import io.coterie.http.RequestWatch;
import io.coterie.metrics.MetricsHandler;
import io.coterie.openai.OpenAiHandler;
import io.coterie.openapi.ApiDocsHandler;
import io.coterie.packages.PackageHandler;
import io.coterie.packages.RegistryHandler;
import io.coterie.search.SearchHandler;
import io.coterie.socketio.SocketIoServlet;
import io.coterie.usage.UsageHandler;
import io.coterie.user.KeyHandler;
import io.coterie.user.UserAdminHandler;
import io.coterie.user.UserHandler;
import io.coterie.workspace.WorkspaceHandler;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.Endpoint;
import io.javalin.security.RouteRole;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;

/**
 * Every path of the server, what handles it, who may use it, and with which API keys, on one page.
 */
final class Routes {

  /** The handlers that the routes lead to. */
  record Handlers(
      Authentication authentication,
      UserHandler users,
      KeyHandler keys,
      UserAdminHandler userAdmin,
      WorkspaceHandler workspaces,
      ChatFeature chat,
      AgentHandler agents,
      OpenAiHandler openAi,
      PackageHandler packages,
      RegistryHandler registry,
      StatusHandler status,
      UsageHandler usage,
      SearchHandler search,
      BackupHandler backups,
      MetricsHandler metrics,
      ClientAddresses addresses,
      ApiDocsHandler apiDocs,
      SocketIoServlet socketIo) {}

  /** One route; the method of a WebSocket is {@code WS}. */
  record Route(String method, String path, Handler handler, Access access, Keys keys) {

    /** What Javalin keeps beside the path, and {@link Authentication} reads. */
    RouteRole[] roles() {
      return new RouteRole[] {access, keys};
    }
  }

  private static final String PUBLISH = "/registry/{name}/{version}";

  private Routes() {}

  /** Whether what is sent there is a package, which may be longer than other bodies. */
  static boolean takesPackages(Endpoint route) {
    return route.path.equals(PUBLISH) && route.method.equals(HandlerType.PUT);
  }

  static List<Route> all(Handlers h) {
    var users = h.users();
    var workspaces = h.workspaces();
    var chats = h.chat().chats();
    var messages = h.chat().messages();
    var socket = h.chat().socket();
    return List.of(
        // accounts
        route("POST", "/register", users::register, PUBLIC, ANY_KEY),
        route("POST", "/auth/login", users::login, PUBLIC, ANY_KEY),
        route("GET", "/user", users::get, ACCOUNT, ANY_KEY),
        route("PUT", "/user", users::update, ACCOUNT, NO_KEY),
        route("DELETE", "/user", users::delete, USER, NO_KEY),
        route("PUT", "/user/password", users::changePassword, USER, NO_KEY),
        route("GET", "/user/usage", h.usage()::list, USER, UNSCOPED_KEY),
        route("POST", "/user/keys", h.keys()::create, USER, NO_KEY),
        route("GET", "/user/keys", h.keys()::list, USER, NO_KEY),
        route("DELETE", "/user/keys/{key_id}", h.keys()::revoke, USER, NO_KEY),
        route("GET", "/admin/users", h.userAdmin()::list, ADMIN, NO_KEY),
        route("PUT", "/admin/users/{user_id}", h.userAdmin()::update, ADMIN, NO_KEY),

        // workspaces
        route("POST", "/workspace", workspaces::create, USER, UNSCOPED_KEY),
        route("GET", "/workspace", workspaces::list, USER, ANY_KEY),
        route("GET", "/workspace/{workspace_id}", workspaces::get, USER, ANY_KEY),
        route("DELETE", "/workspace/{workspace_id}", workspaces::delete, USER, ANY_KEY),
        route("GET", "/workspace/{workspace_id}/chats", chats::ofWorkspace, USER, ANY_KEY),
        route("POST", "/workspace/{workspace_id}/agent", workspaces::addAgent, USER, ANY_KEY),
        route("DELETE", "/workspace/{workspace_id}/agent", workspaces::removeAgent, USER, ANY_KEY),
        route("PUT", "/workspace/{workspace_id}/rename", workspaces::rename, USER, ANY_KEY),
        route(
            "PUT",
            "/workspace/{workspace_id}/coordinator",
            workspaces::setCoordinator,
            USER,
            ANY_KEY),

        // chats
        route("POST", "/chat", chats::create, USER, ANY_KEY),
        route("GET", "/chat", chats::get, USER, ANY_KEY),
        route("PUT", "/chat", chats::update, USER, ANY_KEY),
        route("DELETE", "/chat", chats::delete, USER, ANY_KEY),
        route("GET", "/chat/search", h.search()::search, USER, ANY_KEY),
        route("GET", "/chat/authorize", chats::authorizeConnection, USER, ANY_KEY),
        route("GET", "/chat/authorize/message", chats::authorizeMessage, USER, ANY_KEY),

        // live chat
        route("GET", "/chat/connect", socket::upgradeRequired, PUBLIC, ANY_KEY),
        route("WS", "/chat/connect", socket::beforeUpgrade, ONE_TIME_STRING, ANY_KEY),
        route("GET", "/chat/events", h.chat().stream()::events, STRING_OR_USER, ANY_KEY),
        route("POST", "/chat/message", messages::post, USER, ANY_KEY),
        route("POST", "/chat/ask", h.chat().asks()::ask, USER, ANY_KEY),
        route("POST", "/chat/retry", messages::retry, USER, ANY_KEY),
        route("POST", "/chat/cancel", messages::cancel, USER, ANY_KEY),
        route("GET", "/chat/messages", messages::history, USER, ANY_KEY),

        // agents
        route("GET", "/agent", h.agents()::list, USER, ANY_KEY),
        route("POST", "/agent", h.agents()::create, USER, UNSCOPED_KEY),
        route("GET", "/agent/download", h.packages()::download, OPTIONAL, UNSCOPED_KEY),
        route("GET", "/agent/search", h.packages()::search, USER, ANY_KEY),
        route("GET", "/agent/{agent_id}", h.agents()::get, USER, ANY_KEY),
        route("DELETE", "/agent/{agent_id}", h.agents()::uninstall, USER, UNSCOPED_KEY),

        // for programs that speak OpenAI's API
        route("GET", "/v1/models", h.openAi()::models, USER, ANY_KEY),
        route("GET", "/v1/models/{model}", h.openAi()::model, USER, ANY_KEY),
        route("POST", "/v1/chat/completions", h.openAi()::complete, USER, ANY_KEY),

        // this server's own registry
        route("GET", "/registry/index.json", h.registry()::list, PUBLIC, ANY_KEY),
        route("GET", "/registry/{name}/{file}", h.registry()::file, PUBLIC, ANY_KEY),
        route("PUT", PUBLISH, h.registry()::publish, ADMIN, UNSCOPED_KEY),
        route("GET", "/schemas/agent.json", h.agents()::schema, PUBLIC, ANY_KEY),

        // operations
        route("GET", "/metrics", h.metrics()::read, h.metrics().access(), UNSCOPED_KEY),
        route("POST", "/admin/backup", h.backups()::backup, ADMIN, UNSCOPED_KEY),
        route("GET", "/ping", h.status()::ping, PUBLIC, ANY_KEY),
        route("GET", "/health", h.status()::health, PUBLIC, ANY_KEY),
        route("GET", "/ready", h.status()::ready, PUBLIC, ANY_KEY),

        // what you read here, for programs and for people
        route("GET", "/openapi.json", h.apiDocs()::document, PUBLIC, ANY_KEY),
        route("GET", "/docs", h.apiDocs()::page, PUBLIC, ANY_KEY),
        route("GET", "/docs/{version}/{file}", h.apiDocs()::file, PUBLIC, ANY_KEY));
  }

  /** Registers all routes, each behind its access check. */
  static void register(RoutesConfig routes, Handlers h) {
    routes.beforeMatched(ctx -> note(ctx, h));
    routes.beforeMatched(h.authentication()::check);
    routes.beforeMatched(RequestBodies::check);
    routes.wsBeforeUpgrade(h.authentication()::check);
    for (Route route : all(h)) {
      switch (route.method()) {
        case "GET" -> {
          routes.get(route.path(), route.handler(), route.roles());
          boolean safe = route.access() != STRING_OR_USER && route.access() != OPTIONAL;
          routes.head(route.path(), safe ? route.handler() : Routes::noHead, route.roles());
        }
        case "POST" -> routes.post(route.path(), route.handler(), route.roles());
        case "PUT" -> routes.put(route.path(), route.handler(), route.roles());
        case "DELETE" -> routes.delete(route.path(), route.handler(), route.roles());
        case "WS" -> {
          routes.wsBeforeUpgrade(
              route.path(), ctx -> RequestWatch.note(ctx, route.path(), h.addresses()));
          routes.wsBeforeUpgrade(route.path(), route.handler());
          routes.ws(route.path(), h.chat().socket()::configure, route.roles());
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

  private static void note(Context ctx, Handlers h) {
    Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
    if (matched != null) {
      RequestWatch.note(ctx, matched.path, h.addresses());
    }
  }

  /** For what has an effect, or never ends. */
  private static void noHead(Context ctx) {
    throw new MethodNotAllowedResponse("", Map.of("availableMethods", "GET"));
  }

  private static Route route(
      String method, String path, Handler handler, Access access, Keys keys) {
    return new Route(method, path, handler, access, keys);
  }
}
