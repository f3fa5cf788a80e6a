package io.coterie.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.agent.AgentChooser;
import io.coterie.deletion.Deletions;
import io.coterie.http.ApiException;
import io.coterie.http.Json;
import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import io.coterie.storage.Tx;
import io.coterie.text.Texts;
import io.coterie.usage.TokenQuota;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that orders what happens in a chat: store, publish, run. Thread-safe.
 *
 * <p>Refusals are {@link ApiException}s: 404 for a chat that is gone, 429 where too many runs wait
 * or the user's tokens are used up, 503 while stopping.
 */
public final class ChatService {

  /**
   * What became of a message.
   *
   * @param messageId the user's
   * @param seq of the event that tells of it
   */
  record Posted(UUID messageId, UUID runId, long seq, CompletableFuture<RunOutcome> outcome) {

    /** What somebody is told who does not wait for the outcome. */
    ObjectNode json() {
      return Json.MAPPER
          .createObjectNode()
          .put("message_id", messageId.toString())
          .put("run_id", runId.toString())
          .put("seq", seq);
    }
  }

  /** Follows the events of a message that is about to be posted: given its run's id and its own. */
  interface Follower extends BiFunction<UUID, UUID, EventBus.Listener> {}

  private static final Logger logger = LoggerFactory.getLogger(ChatService.class);
  private static final int TITLE_LENGTH = 80;
  private static final long END_PATIENCE_MILLIS = 30;

  private final Database database;
  private final ChatDao chats;
  private final LogDao messages;
  private final ChatLog log;
  private final EventBus bus;
  private final ChatRuns runs;
  private final ChatHistory history;
  private final TokenQuota quota;
  private final Deletions deletions;
  private final Executor threads;
  private volatile boolean stopping;

  ChatService(
      Database database,
      ChatLog log,
      EventBus bus,
      ChatRuns runs,
      ChatHistory history,
      TokenQuota quota,
      Deletions deletions,
      Executor threads) {
    this.database = database;
    this.chats = database.reader(ChatDao.class);
    this.messages = database.reader(LogDao.class);
    this.log = log;
    this.bus = bus;
    this.runs = runs;
    this.history = history;
    this.quota = quota;
    this.deletions = deletions;
    this.threads = threads;
  }

  /** Stores a user's message and queues the run that answers it. */
  Posted post(UUID chatId, String text, Follower follower) {
    ChatHistory.Answering answering = answering(chatId, text);
    return post(answering.userId(), chatId, text, answering.choice(), tx -> {}, follower);
  }

  /**
   * As above, where it is already known who answers, and that they may.
   *
   * @param userId whose places the run takes
   * @param first begins the transaction that stores the message, and may make the chat
   */
  Posted post(
      UUID userId,
      UUID chatId,
      String text,
      AgentChooser.Choice choice,
      Consumer<Tx> first,
      Follower follower) {
    UUID messageId = Ids.next();
    UUID runId = Ids.next();
    return enqueue(
        userId,
        chatId,
        messageId,
        runId,
        choice.agentId(),
        follower,
        first,
        (append, tx) -> {
          long seq = append.nextSeq();
          append.message(
              Events.FEEDBACK,
              new MessageRow(
                  messageId,
                  chatId,
                  runId,
                  seq,
                  seq,
                  MessageRow.USER,
                  null,
                  text,
                  RunStatus.COMPLETED.wire(),
                  null,
                  null,
                  append.now()));
          append.title(title(text));
          RunRow run = queued(chatId, runId, messageId, seq, choice.agentId(), text);
          RunStore.insert(append, tx, run, choice.missing());
          return seq;
        });
  }

  /** Queues another run for the chat's last user message; 404 where it has none. */
  Posted retry(UUID chatId, Follower follower) {
    MessageRow message =
        messages
            .lastUserMessage(chatId)
            .orElseThrow(() -> ApiException.notFound("Message not found"));
    ChatHistory.Answering answering = answering(chatId, message.content());
    UUID userId = answering.userId();
    AgentChooser.Choice choice = answering.choice();
    UUID runId = Ids.next();
    return enqueue(
        userId,
        chatId,
        message.messageId(),
        runId,
        choice.agentId(),
        follower,
        tx -> {},
        (append, tx) -> {
          long seq = append.nextSeq();
          RunRow run =
              queued(
                  chatId,
                  runId,
                  message.messageId(),
                  message.seq(),
                  choice.agentId(),
                  message.content());
          RunStore.insert(append, tx, run, choice.missing());
          return seq;
        });
  }

  /** Cancels one run, or all where {@code runId} is null; false where there was none. */
  boolean cancel(UUID chatId, UUID runId) {
    return runs.cancel(chatId, runId);
  }

  /** Gives a chat another title; 404 where it is gone. */
  void rename(UUID chatId, String title) {
    if (log.change(chatId, (append, tx) -> tx.use(ChatDao.class).rename(chatId, title)).isEmpty()) {
      throw chatNotFound();
    }
  }

  /** Deletes a chat with all it holds, ends its runs and its connections. */
  void delete(UUID chatId) {
    Predicate<Tx> removal = tx -> tx.use(ChatDao.class).delete(chatId) > 0;
    log.locked(chatId, () -> deletions.delete(Deletions.Kind.CHAT, chatId, removal, () -> {}));
    end(List.of(chatId), CloseReason.CHAT_GONE);
  }

  /**
   * Ends what goes on in the chats of a workspace whose row is gone, and theirs not yet. Others may
   * be at the last of it when this returns.
   */
  public void workspaceGone(UUID workspaceId) {
    end(busyChats(ids -> chats.thoseInWorkspace(ids, workspaceId)), CloseReason.CHAT_GONE);
  }

  /** As {@link #workspaceGone}, for the chats of a user. */
  public void userGone(UUID userId) {
    end(busyChats(ids -> chats.thoseOfOwner(ids, userId)), CloseReason.USER_GONE);
    runs.guests().userGone(userId);
  }

  /**
   * Ends what goes on in the chats of a user who has just been disabled. Whatever was let in before
   * has had its turn under a chat's lock when its connections are closed, so no run of it is missed
   * afterwards.
   */
  public void userDisabled(UUID userId) {
    busyChats(ids -> chats.thoseOfOwner(ids, userId))
        .forEach(chatId -> disconnect(chatId, CloseReason.USER_GONE));
    chats.busyOfOwner(userId).forEach(chatId -> runs.cancel(chatId, null));
    runs.guests().userGone(userId);
  }

  /**
   * Ends what an earlier process left: its running runs become interrupted, its queued ones have
   * their turn.
   */
  public void recover() {
    RunDao dao = database.reader(RunDao.class);
    for (RunRow run : dao.ofStatus(RunStatus.RUNNING.wire())) {
      String text = String.join("", dao.texts(run.runId()));
      runs.noteEnded(RunStatus.INTERRUPTED);
      log.change(
          run.chatId(),
          (append, tx) -> {
            OpenParts.close(append, tx, run);
            tx.use(RunDao.class).dropTexts(run.runId());
            return RunEnding.append(
                append,
                tx,
                run,
                run.agentId(),
                RunStatus.INTERRUPTED,
                text,
                null,
                PartialCost.of(run));
          });
    }
    dropTextsOfNobody(dao);
    dao.ofStatus(RunStatus.QUEUED.wire()).forEach(runs::restore);
  }

  /** What a crash left of replies whose chats are gone; no run is in progress now. */
  private void dropTextsOfNobody(RunDao dao) {
    for (Optional<UUID> run = dao.anyWithText(); run.isPresent(); run = dao.anyWithText()) {
      UUID runId = run.get();
      RunStore.dropTexts(database, runId);
    }
  }

  /**
   * Takes no more messages, gives running replies some time, ends the rest as interrupted.
   *
   * @param toEnd how long those that are interrupted get to store their end
   */
  public void stop(Duration grace, Duration toEnd) {
    stopping = true;
    runs.stop(grace, toEnd);
  }

  /** How many runs are worked on. */
  public int runningRuns() {
    return runs.running();
  }

  /** How many runs wait for their turn. */
  public int queuedRuns() {
    return runs.waiting();
  }

  public boolean isStopping() {
    return stopping;
  }

  /** Refuses where a model would answer and the user has used up the day's tokens. */
  void checkQuota(UUID userId, AgentChooser.Choice choice) {
    if (quota.isOn() && runs.asksModel(choice.agentId())) {
      quota.check(userId);
    }
  }

  /** Who answers, where the quota lets them; 404 where the chat is gone. */
  private ChatHistory.Answering answering(UUID chatId, String text) {
    ChatHistory.Answering answering =
        history.answering(chatId, text).orElseThrow(ChatService::chatNotFound);
    checkQuota(answering.userId(), answering.choice());
    return answering;
  }

  private Posted enqueue(
      UUID userId,
      UUID chatId,
      UUID messageId,
      UUID runId,
      String agentId,
      Follower follower,
      Consumer<Tx> first,
      BiFunction<ChatLog.Append, Tx, Long> change) {
    if (stopping) {
      throw ApiException.stopping();
    }
    runs.reserve(userId, agentId);
    EventBus.Subscription subscription =
        follower == null ? () -> {} : bus.subscribe(chatId, follower.apply(runId, messageId));
    boolean stored = false;
    try {
      Posted posted =
          log.locked(
              chatId,
              () -> {
                long seq =
                    log.changeForOwner(chatId, first, change).orElseThrow(() -> refused(chatId));
                return new Posted(
                    messageId, runId, seq, runs.enqueue(userId, chatId, runId, agentId));
              });
      stored = true;
      var unused = posted.outcome().whenComplete((outcome, e) -> subscription.cancel());
      return posted;
    } finally {
      if (!stored) {
        subscription.cancel();
        runs.release(userId, agentId);
      }
    }
  }

  /**
   * Of all chats in which anything goes on, those that {@code of} answers. Whatever began before
   * this was called is seen, or sees itself what has become of its chat.
   */
  private List<UUID> busyChats(Function<UUID[], List<UUID>> of) {
    Set<UUID> busy = new HashSet<>(log.inUse());
    busy.addAll(runs.chats());
    busy.addAll(bus.followed());
    return busy.isEmpty() ? List.of() : of.apply(busy.toArray(UUID[]::new));
  }

  /** Waits for it, but not long: there may be thousands of connections to be told. */
  private void end(List<UUID> chatIds, CloseReason reason) {
    CompletableFuture<Void> ending =
        CompletableFuture.runAsync(
            () ->
                chatIds.forEach(
                    chatId -> {
                      runs.chatGone(chatId);
                      disconnect(chatId, reason);
                    }),
            threads);
    try {
      ending.get(END_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      var unused = ending.whenComplete((done, failure) -> noteFailure(failure));
    } catch (ExecutionException e) {
      noteFailure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void noteFailure(Throwable failure) {
    if (failure != null) {
      logger.error("What goes on in chats that are gone could not be ended", failure);
    }
  }

  /** Under the lock: whoever is about to follow the chat sees why not, or is told here. */
  private void disconnect(UUID chatId, CloseReason reason) {
    log.locked(
        chatId,
        () -> {
          bus.close(chatId, reason);
          return null;
        });
  }

  private ApiException refused(UUID chatId) {
    return log.ownerDisabled(chatId).orElse(false)
        ? ApiException.unauthorized("Token has been revoked")
        : chatNotFound();
  }

  private RunRow queued(
      UUID chatId, UUID runId, UUID messageId, long turnSeq, String agentId, String text) {
    return new RunRow(
        runId,
        chatId,
        null,
        messageId,
        Ids.next(),
        turnSeq,
        agentId,
        RunStatus.QUEUED.wire(),
        null,
        text);
  }

  /** The beginning of the message's first line that says something. */
  private static String title(String text) {
    String line = text.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse("");
    return line.isEmpty() ? null : Texts.beginning(line, TITLE_LENGTH).stripTrailing();
  }

  static ApiException chatNotFound() {
    return ApiException.notFound("Chat not found");
  }
}
