package io.coterie;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection to H2 that runs each prepared statement twice: explained, which executes it and
 * tells how many rows were examined, and is taken back; and then as it is. For one thread.
 */
final class ExplainedStatements {

  /**
   * @param changed how many rows an update changed; 0 for a query
   */
  record Explained(String plan, long examined, long changed) {}

  private record Setting(Method method, Object[] args) {}

  private static final Pattern SCAN_COUNT = Pattern.compile("scanCount: (\\d+)");

  private final Connection target;
  private final List<Explained> all = new ArrayList<>();

  ExplainedStatements(Connection target) {
    this.target = target;
  }

  /** Begins a transaction that {@link #end} takes back. */
  void begin() throws SQLException {
    all.clear();
    target.setAutoCommit(false);
  }

  void end() throws SQLException {
    target.rollback();
    target.setAutoCommit(true);
  }

  List<Explained> all() {
    return all;
  }

  Connection connection() {
    return proxy(
        Connection.class,
        (self, method, args) -> {
          if (method.getName().equals("close")) {
            return null;
          }
          Object result = invoke(target, method, args);
          return result instanceof PreparedStatement statement
              ? explaining(statement, (String) args[0])
              : result;
        });
  }

  private PreparedStatement explaining(PreparedStatement statement, String sql) {
    List<Setting> settings = new ArrayList<>();
    List<List<Setting>> batch = new ArrayList<>();
    return proxy(
        PreparedStatement.class,
        (self, method, args) -> {
          String name = method.getName();
          if (name.startsWith("set") && args != null && args.length > 1) {
            settings.add(new Setting(method, args));
          } else if (name.equals("addBatch")) {
            batch.add(List.copyOf(settings));
            settings.clear();
          } else if (name.equals("executeBatch") || name.equals("executeLargeBatch")) {
            return batch(statement, method, sql, batch);
          } else if (name.startsWith("execute")) {
            Explained explained = explain(sql, settings);
            Object result = invoke(statement, method, args);
            long changed = Math.max(0, statement.getUpdateCount());
            all.add(new Explained(explained.plan(), explained.examined(), changed));
            return result;
          }
          return invoke(statement, method, args);
        });
  }

  private Object batch(
      PreparedStatement statement, Method method, String sql, List<List<Setting>> batch)
      throws Throwable {
    List<Explained> explained = new ArrayList<>();
    for (List<Setting> settings : batch) {
      explained.add(explain(sql, settings));
    }
    Object result = invoke(statement, method, null);
    long[] counts =
        result instanceof int[] ints
            ? Arrays.stream(ints).asLongStream().toArray()
            : (long[]) result;
    for (int i = 0; i < counts.length; i++) {
      all.add(new Explained(explained.get(i).plan(), explained.get(i).examined(), counts[i]));
    }
    return result;
  }

  private Explained explain(String sql, List<Setting> settings) throws Throwable {
    Savepoint before = target.setSavepoint();
    try (PreparedStatement explain = target.prepareStatement("EXPLAIN ANALYZE " + sql)) {
      for (Setting setting : settings) {
        invoke(explain, setting.method, setting.args);
      }
      try (ResultSet rows = explain.executeQuery()) {
        StringBuilder plan = new StringBuilder();
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
        return new Explained(plan.toString(), examined(plan), 0);
      }
    } finally {
      target.rollback(before);
    }
  }

  private static long examined(CharSequence plan) {
    Matcher counts = SCAN_COUNT.matcher(plan);
    long sum = 0;
    while (counts.find()) {
      sum += Long.parseLong(counts.group(1));
    }
    return sum;
  }

  private static Object invoke(Object target, Method method, Object[] args) throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
