package io.coterie.chat;

import java.util.Locale;

/** The states of a run; every run reaches exactly one of the last four. */
enum RunStatus {
  QUEUED,
  RUNNING,
  COMPLETED,
  FAILED,
  CANCELLED,
  INTERRUPTED;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
