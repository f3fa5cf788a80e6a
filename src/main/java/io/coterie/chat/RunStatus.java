package io.coterie.chat;

import java.util.Locale;

/** The states of a run; every run reaches exactly one of the last four. */
public enum RunStatus {
  QUEUED,
  RUNNING,
  COMPLETED,
  FAILED,
  CANCELLED,
  INTERRUPTED;

  /** As it appears in events. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
