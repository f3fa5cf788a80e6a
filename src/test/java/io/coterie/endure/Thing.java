package io.coterie.endure;

/** Something that can be deleted. Thread-safe. */
abstract class Thing {

  enum State {
    ALIVE,
    /** Its deletion was asked for and not answered: it may be there or not. */
    DELETING,
    DELETED
  }

  private volatile State state = State.ALIVE;

  boolean isAlive() {
    return state == State.ALIVE;
  }

  State state() {
    return state;
  }

  void become(State next) {
    state = next;
  }
}
