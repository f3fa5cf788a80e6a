package io.coterie.chat;

import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner;
import io.coterie.deletion.Deletions;
import io.coterie.http.Principal;
import io.coterie.search.MessageGroups;
import io.coterie.storage.Database;
import io.coterie.usage.TokenQuota;
import io.coterie.usage.UsageLog;
import io.coterie.workspace.WorkspaceViews;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * The chat room of the house, put together: what the routes and the lifecycle need of it.
 *
 * @param service what happens in chats
 * @param chats chats themselves
 * @param messages messages without a socket
 * @param asks messages into chats that need not be there yet
 * @param socket WebSocket
 * @param stream server-sent events and polling
 * @param socketIo Socket.IO
 * @param connections all open connections
 * @param guests runs of no chat
 * @param streams makes responses that stream, for them
 */
public record ChatFeature(
    ChatService service,
    ChatHandler chats,
    MessageHandler messages,
    AskHandler asks,
    ChatSocket socket,
    ChatStream stream,
    SocketIo socketIo,
    Connections connections,
    GuestRuns guests,
    Function<Principal, SseResponse> streams) {

  /**
   * The bounds of this room.
   *
   * @param runs how many runs there may be
   * @param maxOutbox what may wait for one slow client, in UTF-16 units
   * @param keepAlive how often something is written to an idle client
   */
  public record Limits(RunLimits runs, long maxOutbox, Duration keepAlive) {}

  /** What the room is built on. */
  public record Foundations(
      Database database,
      Clock clock,
      OneTimeStrings strings,
      EventBus bus,
      AgentRunner runner,
      AgentChooser chooser,
      WorkspaceViews workspaces,
      UsageLog usage,
      TokenQuota quota,
      Deletions deletions,
      MessageGroups groups,
      RunObserver observer) {}

  /**
   * The threads that work here; each is somebody else's to stop.
   *
   * @param timer for what must come in time
   * @param upkeep for what may wait for the database
   */
  public record Threads(
      Executor runs,
      Executor responders,
      ScheduledExecutorService timer,
      ScheduledExecutorService upkeep) {}

  /** Puts the room together. */
  public static ChatFeature build(Foundations on, Threads threads, Limits limits) {
    ChatLog log = new ChatLog(on.database(), on.bus(), on.clock());
    ChatHistory history = new ChatHistory(on.database(), on.chooser());
    PartialTexts partials = new PartialTexts(on.database(), log, threads.upkeep());
    ChatRuns runs =
        new ChatRuns(
            log,
            new RunStore(on.database(), log, on.chooser(), history, on.usage(), on.groups()),
            on.runner(),
            partials,
            on.quota(),
            limits.runs(),
            threads.runs(),
            on.observer());
    ChatService service =
        new ChatService(
            on.database(),
            log,
            on.bus(),
            runs,
            history,
            on.quota(),
            on.deletions(),
            threads.runs());
    ChatFeed feed = new ChatFeed(log, on.bus(), runs);
    ClientEvents clientEvents = new ClientEvents(service, on.strings());
    ChatAccess access = new ChatAccess(on.database());
    Connections connections = new Connections(threads.timer(), on.clock(), limits.keepAlive());
    AnswerHandler answers =
        new AnswerHandler(connections, threads.responders(), limits.maxOutbox());
    return new ChatFeature(
        service,
        new ChatHandler(on.database(), service, on.strings(), access, on.workspaces(), on.clock()),
        new MessageHandler(service, feed, on.database(), access, answers),
        new AskHandler(
            new Asks(on.database(), service, history, log), on.chooser(), access, answers),
        new ChatSocket(
            feed,
            clientEvents,
            on.strings(),
            access,
            connections,
            threads.timer(),
            limits.maxOutbox()),
        new ChatStream(feed, on.strings(), access, connections, limits.maxOutbox()),
        new SocketIo(feed, clientEvents, on.strings(), access, connections, limits.maxOutbox()),
        connections,
        runs.guests(),
        user -> new SseResponse(connections, limits.maxOutbox(), Holder.of(user)));
  }
}
