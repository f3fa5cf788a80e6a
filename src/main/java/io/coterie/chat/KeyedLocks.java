package io.coterie.chat;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** A reentrant lock for each id, kept only while somebody wants it. Thread-safe. */
final class KeyedLocks {

  private static final class Entry {
    final ReentrantLock lock = new ReentrantLock();
    int users;
  }

  private final Map<UUID, Entry> entries = new ConcurrentHashMap<>();

  /** Runs {@code work} while no other thread runs any for the same id. */
  <T> T locked(UUID id, Supplier<T> work) {
    Entry entry =
        entries.compute(
            id,
            (key, old) -> {
              Entry e = old == null ? new Entry() : old;
              e.users++;
              return e;
            });
    entry.lock.lock();
    try {
      return work.get();
    } finally {
      entry.lock.unlock();
      entries.computeIfPresent(id, (key, e) -> --e.users == 0 ? null : e);
    }
  }

  /** The ids that somebody works on or waits for. */
  Set<UUID> inUse() {
    return Set.copyOf(entries.keySet());
  }
}
