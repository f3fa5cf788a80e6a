package io.coterie;

import io.coterie.storage.Ids;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What to call the statements of DAOs with, by the names and types of their parameters, out of a
 * {@link FilledDatabase}. For one thread.
 */
final class StatementArguments {

  /** Which of the data the arguments of a statement are about. */
  enum Case {
    MIDDLE_OF_MUCH,
    END_OF_MUCH,
    LITTLE
  }

  private static final int LIMIT = 50;

  /** Above all numbers that there are. */
  private static final long FAR = 1_000_000_000L;

  private static final Pattern INSERT = Pattern.compile("\\s*INSERT INTO (\\w+).*", Pattern.DOTALL);

  private final FilledDatabase data;
  private final Map<String, Set<String>> keys = new HashMap<>();
  private int fresh;

  StatementArguments(FilledDatabase data) throws SQLException {
    this.data = data;
    readKeys();
  }

  /** What to call a statement of a DAO with; fails where it does not know an argument. */
  Object[] of(Method method, Case which) {
    Set<String> fresh = freshColumns(method);
    return Arrays.stream(method.getParameters())
        .map(parameter -> argument(parameter, fresh, which))
        .toArray();
  }

  private Object argument(Parameter parameter, Set<String> fresh, Case which) {
    Type type = parameter.getParameterizedType();
    if (type instanceof ParameterizedType many) {
      Class<?> one = (Class<?>) many.getActualTypeArguments()[0];
      return IntStream.range(0, 3).mapToObj(i -> record(one, fresh, which)).toList();
    }
    return parameter.getType().isRecord()
        ? record(parameter.getType(), fresh, which)
        : value(parameter.getName(), parameter.getType(), fresh, which);
  }

  private Object record(Class<?> type, Set<String> fresh, Case which) {
    RecordComponent[] parts = type.getRecordComponents();
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(parts).map(RecordComponent::getType).toArray(Class[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(
          Arrays.stream(parts)
              .map(part -> value(part.getName(), part.getType(), fresh, which))
              .toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What no row may have yet: the last part of each key of the table that is inserted into. */
  private Set<String> freshColumns(Method method) {
    for (Annotation annotation : method.getAnnotations()) {
      try {
        Object statement = annotation.annotationType().getMethod("value").invoke(annotation);
        Matcher insert = INSERT.matcher(String.valueOf(statement));
        if (insert.matches()) {
          return keys.getOrDefault(insert.group(1), Set.of());
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return Set.of();
  }

  private void readKeys() throws SQLException {
    String select =
        """
        SELECT LOWER(c.table_name), LOWER(k.column_name)
        FROM information_schema.table_constraints c
        JOIN information_schema.key_column_usage k ON k.constraint_name = c.constraint_name
        WHERE c.constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND k.ordinal_position = (
          SELECT MAX(o.ordinal_position) FROM information_schema.key_column_usage o
          WHERE o.constraint_name = c.constraint_name)
        """;
    try (Statement query = data.connection().createStatement();
        ResultSet rows = query.executeQuery(select)) {
      while (rows.next()) {
        keys.computeIfAbsent(rows.getString(1), table -> new HashSet<>()).add(rows.getString(2));
      }
    }
  }

  private Object value(String name, Class<?> type, Set<String> freshColumns, Case which) {
    String column = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    if (freshColumns.contains(column)) {
      fresh++;
      return type == UUID.class
          ? Ids.next()
          : type == String.class
              ? "fresh" + fresh
              : type == int.class ? (Object) fresh : (Object) (FAR + fresh);
    }
    Object value = which == Case.LITTLE ? small(name, type) : null;
    value = value == null && which == Case.END_OF_MUCH ? end(name, type) : value;
    value = value == null ? middle(name, type) : value;
    if (value == null) {
      throw new IllegalArgumentException(
          "What is " + type.getSimpleName() + " " + name + "? Say it in " + getClass().getName());
    }
    return value == NULL ? null : value;
  }

  private static final Object NULL = new Object();

  private Object small(String name, Class<?> type) {
    return switch (type.getSimpleName() + " " + name) {
      case "UUID userId", "UUID ownerId" -> data.little;
      case "String emailKey" -> "u1@x";
      case "UUID workspaceId", "UUID first", "UUID last" -> data.littleWorkspace;
      case "UUID chatId" -> data.littleChat;
      case "UUID messageId" -> data.littleMessages.get(0);
      case "long after" -> 0L;
      case "long before", "long beforeTurn", "long upTo" -> 2L * FilledDatabase.EVENTS_A_TURN;
      default -> null;
    };
  }

  private Object end(String name, Class<?> type) {
    long last = (long) FilledDatabase.TURNS * FilledDatabase.EVENTS_A_TURN;
    return switch (type.getSimpleName() + " " + name) {
      case "UUID chatId" -> data.retriedChat;
      case "UUID before" -> Ids.ABOVE_ALL;
      case "long after" -> 0L;
      case "long upTo" -> 100L;
      case "long before", "long beforeTurn", "long beforeNo" -> Long.MAX_VALUE;
      case "long afterNo" -> 0L;
      case "Instant newestAt", "Instant from" -> Instant.parse("9999-12-31T00:00:00Z");
      case "int startAt" -> (int) last;
      default -> null;
    };
  }

  private Object middle(String name, Class<?> type) {
    long seq = (long) FilledDatabase.TURNS / 2 * FilledDatabase.EVENTS_A_TURN + 1;
    return switch (type.getSimpleName() + " " + name) {
      case "UUID userId", "UUID ownerId", "UUID installedBy" -> data.much;
      case "UUID workspaceId" -> data.workspace;
      case "UUID first" -> data.workspaces.get(FilledDatabase.MANY / 2);
      case "UUID last" -> data.workspaces.get(FilledDatabase.MANY / 2 + LIMIT - 1);
      case "UUID chatId" -> data.longChat;
      case "UUID before" -> data.chats.get(FilledDatabase.MANY / 2);
      case "UUID messageId" -> data.longMessages.get(FilledDatabase.TURNS);
      case "UUID runId" -> data.activeRuns.get(0);
      case "UUID replyId" -> Ids.next();
      case "UUID id" -> data.activeRuns.get(1);
      case "UUID[] chatIds" -> data.chats.subList(10, 30).toArray(UUID[]::new);
      case "UUID itemId" -> data.workspaces.get(5);
      case "String kind" -> "workspace";
      case "UUID keyId" -> data.key;
      case "String agentId", "String agent" -> "agent-1";
      case "String emailKey", "String email" -> "u0@x";
      case "String keyHash" -> "hash5";
      case "String status" -> "running";
      case "String role" -> "user";
      case "String type" -> "run";
      case "String passwordHash",
          "String prefix",
          "String name",
          "String title",
          "String registry" ->
          "x";
      case "String sha256", "String source", "String model", "String content", "String text" -> "x";
      case "String manifest", "String data", "String costs" -> "{}";
      case "Integer inputTokens", "Integer outputTokens" -> 1;
      case "int limit" -> LIMIT;
      case "int tokenVersion", "int startAt" -> 0;
      case "int messages" -> FilledDatabase.GROUP;
      case "long inputTokens", "long outputTokens", "long millis" -> 1L;
      case "long seq", "long turnSeq", "long lastSeq" -> seq;
      case "long after", "long before", "long beforeTurn" -> seq;
      case "long upTo" -> seq + LIMIT;
      case "long last" -> (long) LIMIT;
      case "long size" -> 1L;
      case "String last" -> "agent-10";
      case "long afterNo", "long firstNo" ->
          (long) FilledDatabase.TURNS / FilledDatabase.GROUP * FilledDatabase.GROUP + 1;
      case "long lastNo", "long beforeNo" ->
          (long) FilledDatabase.TURNS / FilledDatabase.GROUP * FilledDatabase.GROUP
              + FilledDatabase.GROUP;
      case "Instant now", "Instant createdAt", "Instant before", "Instant oldestAt" ->
          FilledDatabase.BEGUN;
      case "Instant expiresAt" -> NULL;
      case "Instant newestAt", "Instant from" ->
          FilledDatabase.BEGUN.plusSeconds(FilledDatabase.TURNS);
      case "LocalDate day", "LocalDate to", "LocalDate usedOn" ->
          FilledDatabase.TODAY.minusDays(100);
      case "LocalDate from" -> FilledDatabase.TODAY.minusDays(110);
      case "boolean marked" -> false;
      case "byte[] marks" -> new byte[64];
      default -> null;
    };
  }
}
