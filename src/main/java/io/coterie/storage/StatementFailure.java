package io.coterie.storage;

import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;

/**
 * The database refused a statement. Says which and where, and nothing of the values that went with
 * it, which the database's own exceptions repeat: they belong to people, and not in a log.
 */
final class StatementFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String STATEMENT = "SQL statement:";

  private final String state;

  private StatementFailure(String state, String message) {
    super(message);
    this.state = state;
  }

  /** The same failure without values; what is no refusal of the database stays as it is. */
  static RuntimeException of(JdbiException e) {
    SQLException sql = SqlErrors.sqlException(e);
    if (sql == null) {
      return e;
    }
    String said = String.valueOf(sql.getMessage());
    int statement = said.indexOf(STATEMENT);
    StatementFailure failure =
        new StatementFailure(
            SqlErrors.state(e),
            "%s, state %s, code %d%s"
                .formatted(
                    sql.getClass().getSimpleName(),
                    SqlErrors.state(e),
                    sql.getErrorCode(),
                    statement < 0 ? "" : "; " + said.substring(statement)));
    failure.setStackTrace(e.getStackTrace());
    return failure;
  }

  /** The standard's code for what went wrong; may be empty. */
  String state() {
    return state;
  }
}
