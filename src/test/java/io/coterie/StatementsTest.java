package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.coterie.ExplainedStatements.Explained;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What each statement of each DAO examines in a database that is full: as many rows as it answers
 * or changes, more or less, not as many as the table, the chat or the account has. The statements
 * are found by their annotations, and their arguments by name, so that a new one is held to it as
 * well. With {@code -Dstatements.print=true} the figures are printed.
 */
class StatementsTest {

  /** Rows examined for each that is answered or changed: through joins, and for conditions. */
  private static final int A_ROW = 6;

  /** And beside those: to find the owner, to see that there are no more. */
  private static final int AT_ALL = 30;

  private static FilledDatabase data;
  private static StatementArguments arguments;
  private static ExplainedStatements explained;
  private static Handle handle;

  @BeforeAll
  static void fill() throws SQLException {
    data = FilledDatabase.fill();
    arguments = new StatementArguments(data);
    explained = new ExplainedStatements(data.connection());
    handle = Jdbi.create(explained.connection()).installPlugin(new SqlObjectPlugin()).open();
  }

  @AfterAll
  static void close() throws SQLException {
    data.close();
  }

  @TestFactory
  Stream<DynamicTest> statements() {
    List<Method> all = methods();
    assertThat(all).hasSizeGreaterThan(100);
    return all.stream()
        .flatMap(
            method ->
                Arrays.stream(StatementArguments.Case.values())
                    .map(
                        which ->
                            DynamicTest.dynamicTest(
                                name(method, which), () -> hold(method, which))));
  }

  private static String name(Method method, StatementArguments.Case which) {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName() + ", " + which;
  }

  private static void hold(Method method, StatementArguments.Case which) throws Exception {
    try {
      Object dao = handle.attach(method.getDeclaringClass());
      method.setAccessible(true);
      explained.begin();
      Object answer = method.invoke(dao, arguments.of(method, which));
      List<Explained> all = explained.all();
      assertThat(all).as("what was run").isNotEmpty();
      boolean query = method.isAnnotationPresent(SqlQuery.class);
      long rows = query ? answered(answer) : all.stream().mapToLong(Explained::changed).sum();
      long examined = all.stream().mapToLong(Explained::examined).sum();
      if (Boolean.getBoolean("statements.print")) {
        System.out.printf(
            Locale.ROOT, "%-60s examined %6d rows %6d%n", name(method, which), examined, rows);
      }
      assertThat(examined)
          .as("rows examined for %d:%n%s", rows, all)
          .isLessThanOrEqualTo(A_ROW * rows + AT_ALL);
    } catch (InvocationTargetException e) {
      throw new AssertionError(name(method, which), e.getCause());
    } finally {
      explained.end();
    }
  }

  private static long answered(Object answer) {
    if (answer instanceof Collection<?> rows) {
      return rows.size();
    }
    return answer instanceof Optional<?> row ? row.stream().count() : 1;
  }

  private static List<Method> methods() {
    List<Method> found = new ArrayList<>();
    var server = App.class.getProtectionDomain().getCodeSource().getLocation();
    for (JavaClass type : new ClassFileImporter().importUrl(server)) {
      if (type.isInterface()) {
        Arrays.stream(type.reflect().getDeclaredMethods())
            .filter(StatementsTest::isStatement)
            .forEach(found::add);
      }
    }
    found.sort(
        Comparator.comparing((Method m) -> m.getDeclaringClass().getName())
            .thenComparing(Method::getName));
    return found;
  }

  /** All that Jdbi has for SQL: SqlQuery, SqlUpdate, SqlBatch, SqlCall, SqlScript. */
  private static boolean isStatement(Method method) {
    return Arrays.stream(method.getAnnotations())
        .map(Annotation::annotationType)
        .anyMatch(
            type ->
                type.getPackageName().equals("org.jdbi.v3.sqlobject.statement")
                    && type.getSimpleName().startsWith("Sql"));
  }
}
