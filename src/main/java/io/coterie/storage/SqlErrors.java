package io.coterie.storage;

import java.sql.SQLException;

/** What a database's refusals say, for the code that asked and for the operator. Stateless. */
final class SqlErrors {

  private static final int H2_ALREADY_OPEN = 90020;

  private SqlErrors() {}

  /** The standard's code for what went wrong; empty where the database did not say. */
  static String state(Throwable e) {
    SQLException sql = sqlException(e);
    return sql == null || sql.getSQLState() == null ? "" : sql.getSQLState();
  }

  /** Why a database could not be opened, in a few words. */
  static String reason(Exception e) {
    SQLException sql = sqlException(e);
    if (sql == null) {
      return e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    }
    return sql.getErrorCode() == H2_ALREADY_OPEN
        ? "it is in use by another process"
        : String.valueOf(sql.getMessage()).lines().findFirst().orElse("").replaceFirst(";.*", "");
  }

  /** Null where the database is not to blame. */
  static SQLException sqlException(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }
}
