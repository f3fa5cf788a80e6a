package io.coterie;

import io.coterie.storage.Database;
import io.coterie.storage.Ids;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A database as it is after years: one user with thousands of workspaces and chats, one of them
 * very long, and thousands of users with little.
 */
final class FilledDatabase implements AutoCloseable {

  static final int TURNS = 10_000;
  static final int EVENTS_A_TURN = 7;
  static final int MANY = 5_000;

  /** Runs that are not over: a server has a bounded number of them. */
  private static final int ACTIVE = 4;

  static final int GROUP = 256;

  static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");
  static final LocalDate TODAY = LocalDate.parse("2026-06-01");

  private final Database database;
  private final Connection sql;
  final List<UUID> users = ids(MANY);
  final List<UUID> workspaces = new ArrayList<>();
  final List<UUID> chats = new ArrayList<>();
  final UUID much = users.get(0);
  final UUID little = users.get(1);
  final UUID littleWorkspace = Ids.next();
  final UUID workspace = Ids.next();
  final UUID longChat = Ids.next();
  final UUID littleChat = Ids.next();
  final UUID retriedChat = Ids.next();
  final List<UUID> longMessages = new ArrayList<>();
  final List<UUID> littleMessages = new ArrayList<>();
  final List<UUID> activeRuns = new ArrayList<>();
  final UUID key = Ids.next();
  private long markNo;

  private FilledDatabase() throws SQLException {
    String url = "jdbc:h2:mem:" + UUID.randomUUID();
    database = Database.open(url, false);
    try {
      database.awaitOpen(Class.forName("io.coterie.chat.ChatDao"));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    sql = DriverManager.getConnection(url, "sa", "");
    // A repeated query would be answered from the last result, and seem to examine nothing.
    execute("SET OPTIMIZE_REUSE_RESULTS 0");
  }

  static FilledDatabase fill() throws SQLException {
    FilledDatabase data = new FilledDatabase();
    data.people();
    data.places();
    data.talk();
    data.rest();
    data.execute("ANALYZE");
    return data;
  }

  Connection connection() {
    return sql;
  }

  @Override
  public void close() throws SQLException {
    sql.close();
    database.close();
  }

  // What is in it.

  private void people() throws SQLException {
    insert(
        "users (user_id, email, email_key, password_hash, role, disabled, token_version, created_at)",
        IntStream.range(0, MANY)
            .mapToObj(
                i ->
                    row(
                        users.get(i),
                        "u" + i + "@x",
                        "u" + i + "@x",
                        "",
                        i % 1000 == 0 ? "admin" : "user",
                        i % 7 == 3,
                        0,
                        BEGUN)));
    insert(
        "api_keys (key_id, user_id, name, prefix, key_hash, created_at)",
        // The user with much has as many as a page; there is a limit to them.
        IntStream.range(0, MANY)
            .mapToObj(
                i ->
                    row(
                        i == 0 ? key : Ids.next(),
                        users.get(i < 20 ? 0 : i),
                        "k",
                        "p",
                        "hash" + i,
                        BEGUN)));
    insert(
        "agents (agent_id, source, owner_id, registry, sha256, manifest, installed_at)",
        IntStream.range(0, MANY)
            .mapToObj(i -> row("agent-" + i, "user", users.get(i), "", "", "{}", BEGUN)));
    insert(
        "usage_days (user_id, used_on, agent_id, model, runs, input_tokens, output_tokens, time_ms)",
        Stream.concat(
            IntStream.range(0, MANY).mapToObj(i -> usage(much, i / 5, i % 5)),
            IntStream.range(1, MANY).mapToObj(i -> usage(users.get(i), 0, 0))));
  }

  private static Object[] usage(UUID user, int daysAgo, int agent) {
    return row(user, TODAY.minusDays(daysAgo), "agent-" + agent, "", 1, 1, 1, 1);
  }

  private void places() throws SQLException {
    String workspaceRow = "workspaces (workspace_id, owner_id, name, created_at)";
    String chatRow = "chats (chat_id, workspace_id, owner_id, last_seq, created_at, updated_at)";
    insert(
        workspaceRow,
        Stream.<Object[]>of(
            row(workspace, much, "W", BEGUN), row(littleWorkspace, little, "W", BEGUN)));
    long last = (long) TURNS * EVENTS_A_TURN;
    insert(
        chatRow,
        Stream.<Object[]>of(
            row(longChat, workspace, much, last, BEGUN, BEGUN),
            row(retriedChat, workspace, much, 3 * MANY, BEGUN, BEGUN),
            row(littleChat, littleWorkspace, little, 2 * EVENTS_A_TURN, BEGUN, BEGUN)));
    List<Object[]> workspaceRows = new ArrayList<>();
    List<Object[]> chatRows = new ArrayList<>();
    List<Object[]> members = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      workspaces.add(Ids.next());
      chats.add(Ids.next());
      workspaceRows.add(row(workspaces.get(i), much, "W" + i, BEGUN));
      chatRows.add(row(chats.get(i), workspace, much, EVENTS_A_TURN, BEGUN, BEGUN));
      members.add(row(workspaces.get(i), "agent-" + i, BEGUN));
    }
    IntStream.range(0, 20).forEach(i -> members.add(row(workspace, "agent-" + i, BEGUN)));
    insert(workspaceRow, workspaceRows.stream());
    insert(chatRow, chatRows.stream());
    insert("workspace_agents (workspace_id, agent_id, added_at)", members.stream());
  }

  private void talk() throws SQLException {
    List<Object[]> messages = new ArrayList<>();
    List<Object[]> runs = new ArrayList<>();
    List<Object[]> marks = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      turn(longChat, much, turn, longMessages, messages, runs, marks);
    }
    for (UUID chat : chats) {
      turn(chat, much, 0, new ArrayList<>(), messages, runs, marks);
    }
    turn(littleChat, little, 0, littleMessages, messages, runs, marks);
    turn(littleChat, little, 1, littleMessages, messages, runs, marks);
    retries(messages);
    for (int i = 0; i < ACTIVE; i++) {
      UUID chat = i == 0 ? longChat : i == 1 ? littleChat : chats.get(i);
      UUID message = i == 1 ? littleMessages.get(0) : longMessages.get(0);
      for (String status : List.of("running", "queued")) {
        UUID run = Ids.next();
        activeRuns.add(run);
        runs.add(row(run, chat, message, Ids.next(), 1, "echo", status, BEGUN));
      }
    }
    insert(
        "messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status, created_at)",
        messages.stream());
    insert(
        "runs (run_id, chat_id, message_id, reply_id, turn_seq, agent_id, status, created_at)",
        runs.stream());
    insert(
        "message_marks (owner_id, chat_id, message_id, created_at, marks, mark_no)",
        marks.stream());
    String events =
        "INSERT INTO events (chat_id, seq, type, data) SELECT '%s', x, 'run', '{}' FROM SYSTEM_RANGE(1, %d)";
    execute(events.formatted(longChat, TURNS * EVENTS_A_TURN));
    execute(events.formatted(retriedChat, 3 * MANY));
    execute(events.formatted(littleChat, 2 * EVENTS_A_TURN));
    for (int i = 0; i < 1_000; i++) {
      execute(events.formatted(chats.get(i), EVENTS_A_TURN));
    }
  }

  private void turn(
      UUID chat,
      UUID owner,
      int turn,
      List<UUID> ids,
      List<Object[]> messages,
      List<Object[]> runs,
      List<Object[]> marks) {
    UUID run = Ids.next();
    long seq = (long) turn * EVENTS_A_TURN + 1;
    UUID asked = Ids.next();
    UUID reply = Ids.next();
    ids.add(asked);
    ids.add(reply);
    Instant at = BEGUN.plusSeconds(++markNo);
    messages.add(row(asked, chat, run, seq, seq, "user", "Hi", "completed", at));
    messages.add(row(reply, chat, run, seq + 5, seq, "assistant", "Hi", "completed", at));
    runs.add(row(run, chat, asked, reply, seq, "echo", "completed", at));
    marks.add(row(owner, chat, asked, at, new byte[4], markNo));
    marks.add(row(owner, chat, reply, at, new byte[4], ++markNo));
  }

  /** One message that was answered thousands of times. */
  private void retries(List<Object[]> messages) {
    UUID run = Ids.next();
    messages.add(row(Ids.next(), retriedChat, run, 1, 1, "user", "Hi", "completed", BEGUN));
    for (int i = 1; i < MANY; i++) {
      messages.add(
          row(Ids.next(), retriedChat, run, 3 * i, 1, "assistant", "Hi", "completed", BEGUN));
    }
  }

  private void rest() throws SQLException {
    insert(
        "run_texts (run_id, start_at, text)",
        activeRuns.stream()
            .flatMap(run -> IntStream.range(0, 200).mapToObj(i -> row(run, 4_000 * i, "x"))));
    long groups = 2L * TURNS / GROUP;
    insert(
        "mark_groups (owner_id, first_no, last_no, oldest_at, newest_at, messages, marks)",
        IntStream.range(0, (int) groups)
            .mapToObj(
                i ->
                    row(
                        much,
                        (long) i * GROUP + 1,
                        (long) (i + 1) * GROUP,
                        BEGUN.plusSeconds((long) i * GROUP + 1),
                        BEGUN.plusSeconds((long) (i + 1) * GROUP),
                        GROUP,
                        new byte[64])));
    insert("mark_groups_due (owner_id)", users.stream().map(FilledDatabase::row));
    insert("deletions (kind, item_id)", workspaces.stream().map(id -> row("workspace", id)));
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static List<UUID> ids(int count) {
    return Stream.generate(Ids::next).limit(count).toList();
  }

  private void insert(String tableAndColumns, Stream<Object[]> rows) throws SQLException {
    long columns = tableAndColumns.chars().filter(c -> c == ',').count() + 1;
    String values = "?" + ", ?".repeat((int) columns - 1);
    try (PreparedStatement insert =
        sql.prepareStatement("INSERT INTO " + tableAndColumns + " VALUES (" + values + ")")) {
      for (Object[] row : (Iterable<Object[]>) rows::iterator) {
        for (int i = 0; i < row.length; i++) {
          insert.setObject(
              i + 1, row[i] instanceof Instant at ? at.atOffset(ZoneOffset.UTC) : row[i]);
        }
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private void execute(String statement) throws SQLException {
    try (Statement run = sql.createStatement()) {
      run.execute(statement);
    }
  }
}
