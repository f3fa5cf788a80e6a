package io.coterie.user;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Work that waits for its turn, fair by where it comes from: sources take turns, the work of one is
 * done one after the other, and where no more fits, the source with the most gives way. Not
 * thread-safe.
 *
 * @param <T> the work
 */
final class TakingTurns<T> {

  /** A piece of work and where it comes from. */
  record Turn<T>(String source, T work) {}

  private final int capacity;
  private final Map<String, Deque<T>> waiting = new HashMap<>();
  private final Set<String> busy = new HashSet<>();

  /** The sources that have something waiting and nothing under way, in the order of their turns. */
  private final Deque<String> next = new ArrayDeque<>();

  private int size;

  /**
   * @param capacity how much may wait
   */
  TakingTurns(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Adds work.
   *
   * @return what has to go, so that it fits: the last of another source, or this
   */
  Optional<T> add(String source, T work) {
    Optional<T> gone = Optional.empty();
    if (size == capacity) {
      int own = waiting.getOrDefault(source, new ArrayDeque<>()).size();
      gone = removeLastOfLongest(own + 1);
      if (gone.isEmpty()) {
        return Optional.of(work);
      }
    }
    Deque<T> queue = waiting.computeIfAbsent(source, s -> new ArrayDeque<>());
    if (queue.isEmpty() && !busy.contains(source)) {
      next.addLast(source);
    }
    queue.addLast(work);
    size++;
    return gone;
  }

  /** The next that may be done; its source has no other turn until {@link #done}. */
  Optional<Turn<T>> take() {
    String source = next.pollFirst();
    if (source == null) {
      return Optional.empty();
    }
    Deque<T> queue = waiting.get(source);
    T work = queue.removeFirst();
    size--;
    if (queue.isEmpty()) {
      waiting.remove(source);
    }
    busy.add(source);
    return Optional.of(new Turn<>(source, work));
  }

  /** What {@link #take} gave for that source is done. */
  void done(String source) {
    busy.remove(source);
    if (waiting.containsKey(source)) {
      next.addLast(source);
    }
  }

  /** Takes all that waits out. */
  List<T> clear() {
    List<T> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    next.clear();
    size = 0;
    return all;
  }

  /** Of the source with the most, where that is more than so many. */
  private Optional<T> removeLastOfLongest(int moreThan) {
    Deque<T> longest = null;
    for (Deque<T> queue : waiting.values()) {
      if (queue.size() > (longest == null ? moreThan : longest.size())) {
        longest = queue;
      }
    }
    if (longest == null) {
      return Optional.empty();
    }
    // More than one wait there, so that its turn stays.
    size--;
    return Optional.of(longest.removeLast());
  }
}
