package io.coterie.chat;

/**
 * Is told of runs that end, those of no chat included. Called by many threads; must not throw or
 * wait.
 */
public interface RunObserver {

  /**
   * A run ended.
   *
   * @param status as it appears in events
   */
  void ended(String status);
}
