package io.coterie.chat;

import io.coterie.http.Json;
import io.coterie.storage.Database;
import io.coterie.storage.Tx;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The events of every chat: stored with gapless numbers, published once committed, in the order of
 * their numbers. Commit and publishing of one chat happen under that chat's lock. Thread-safe.
 */
final class ChatLog {

  /** Collects what one transaction adds to a chat. */
  static final class Append {
    private final UUID chatId;
    private final Instant now;
    private final List<EventRow> rows = new ArrayList<>();
    private final List<ChatEvent> events = new ArrayList<>();
    private final LogDao dao;
    private long seq;
    private String title;

    private Append(UUID chatId, long lastSeq, Instant now, LogDao dao) {
      this.chatId = chatId;
      this.seq = lastSeq;
      this.now = now;
      this.dao = dao;
    }

    /** The number that the next event gets. */
    long nextSeq() {
      return seq + 1;
    }

    UUID chatId() {
      return chatId;
    }

    Instant now() {
      return now;
    }

    /** Titles the chat, unless it has a title. */
    void title(String text) {
      title = text;
    }

    void event(String type, Object data) {
      String json = Json.write(data);
      add(type, null, json, json);
    }

    /** Stores a message, whose seq is {@link #nextSeq}, and the event that carries it. */
    void message(String type, MessageRow message) {
      dao.insertMessage(message);
      dao.insertMarks(message);
      add(type, message.messageId(), null, carried(type, message));
    }

    private void add(String type, UUID messageId, String stored, String json) {
      seq++;
      rows.add(new EventRow(chatId, seq, type, messageId, stored));
      events.add(new ChatEvent(type, seq, json));
    }
  }

  private final Database database;
  private final LogDao reader;
  private final EventBus bus;
  private final Clock clock;
  private final KeyedLocks locks = new KeyedLocks();

  ChatLog(Database database, EventBus bus, Clock clock) {
    this.database = database;
    this.reader = database.reader(LogDao.class);
    this.bus = bus;
    this.clock = clock;
  }

  /** The chats that somebody is working on at the moment, or waits for. */
  Set<UUID> inUse() {
    return locks.inUse();
  }

  /** Runs {@code work} while nothing is stored or published for the chat. */
  <T> T locked(UUID chatId, Supplier<T> work) {
    return locks.locked(chatId, work);
  }

  /**
   * Changes a chat in one transaction and then publishes the events that {@code change} added;
   * empty, with nothing changed, where the chat is gone.
   */
  <T> Optional<T> change(UUID chatId, BiFunction<Append, Tx, T> change) {
    return change(chatId, tx -> {}, held -> true, change);
  }

  /**
   * As {@link #change}, for what the chat's owner asks for; empty also where that is disabled.
   *
   * @param first begins the transaction, and may make the chat
   */
  <T> Optional<T> changeForOwner(
      UUID chatId, Consumer<Tx> first, BiFunction<Append, Tx, T> change) {
    return change(chatId, first, held -> !held.ownerDisabled(), change);
  }

  private <T> Optional<T> change(
      UUID chatId,
      Consumer<Tx> first,
      Predicate<LogDao.Held> condition,
      BiFunction<Append, Tx, T> change) {
    return locks.locked(
        chatId,
        () -> {
          List<ChatEvent> committed = new ArrayList<>();
          Optional<T> result =
              database.inTransaction(
                  tx -> {
                    first.accept(tx);
                    return apply(chatId, condition, change, tx, committed);
                  });
          committed.forEach(event -> bus.publish(chatId, event));
          return result;
        });
  }

  private <T> Optional<T> apply(
      UUID chatId,
      Predicate<LogDao.Held> condition,
      BiFunction<Append, Tx, T> change,
      Tx tx,
      List<ChatEvent> committed) {
    LogDao dao = tx.use(LogDao.class);
    LogDao.Held held = dao.lock(chatId).filter(chat -> chat.ownerDisabled() != null).orElse(null);
    if (held == null || !condition.test(held)) {
      return Optional.empty();
    }
    Append append = new Append(chatId, held.lastSeq(), Instant.ofEpochMilli(clock.millis()), dao);
    T result = change.apply(append, tx);
    if (!append.rows.isEmpty()) {
      dao.insertEvents(append.rows);
      dao.advance(chatId, append.seq, append.now, append.title);
    }
    committed.addAll(append.events);
    return Optional.ofNullable(result);
  }

  Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  /** As {@link #publishUnstored}, for whoever does not hold the lock. */
  void tell(UUID chatId, ChatEvent event) {
    locked(
        chatId,
        () -> {
          publishUnstored(chatId, event);
          return null;
        });
  }

  /** Publishes what is not stored. Call it under the chat's lock. */
  void publishUnstored(UUID chatId, ChatEvent event) {
    bus.publish(chatId, event);
  }

  /** Whether the chat's owner is disabled; empty where the chat is gone. */
  Optional<Boolean> ownerDisabled(UUID chatId) {
    return reader.ownerDisabled(chatId);
  }

  /** The number of the chat's last event; empty where the chat is gone. */
  Optional<Long> lastSeq(UUID chatId) {
    return locked(chatId, () -> reader.lastSeq(chatId));
  }

  /**
   * The stored events after a number, oldest first, at most {@code limit} of them. Under the lock
   * like all reading for clients: what is committed but not in the file yet, a crash takes back.
   */
  List<ChatEvent> after(UUID chatId, long seq, int limit) {
    return locked(chatId, () -> read(chatId, seq, limit));
  }

  private List<ChatEvent> read(UUID chatId, long seq, int limit) {
    if (reader.lastSeq(chatId).isEmpty()) {
      return List.of();
    }
    List<EventRow> rows = reader.eventsAfter(chatId, seq, limit);
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<UUID, MessageRow> messages = new HashMap<>();
    if (rows.stream().anyMatch(row -> row.data() == null)) {
      reader
          .messagesBetween(chatId, seq, rows.get(rows.size() - 1).seq())
          .forEach(message -> messages.put(message.messageId(), message));
    }
    return rows.stream().map(row -> read(row, messages)).toList();
  }

  private static ChatEvent read(EventRow row, Map<UUID, MessageRow> messages) {
    String json =
        row.data() != null ? row.data() : carried(row.type(), messages.get(row.messageId()));
    return new ChatEvent(row.type(), row.seq(), json);
  }

  private static String carried(String type, MessageRow message) {
    return Json.write(
        type.equals(Events.FEEDBACK) ? Events.Feedback.of(message) : MessageView.of(message));
  }
}
