package io.coterie.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What requests and frames hold in memory, all together, in bytes, and the bound of that. Where
 * there is no room, whatever has been arriving for the longest gives way: what honest clients send
 * is there within moments. Nobody holds more than half of it. Thread-safe.
 */
public final class RequestMemory {

  private final long max;
  private final Set<Hold> arriving = new LinkedHashSet<>();
  private final Map<Object, Long> byOwner = new HashMap<>();
  private long used;

  /**
   * @param max in bytes
   */
  public RequestMemory(long max) {
    this.max = max;
  }

  /**
   * Begins to hold what somebody sends; at first, nothing.
   *
   * @param owner whose it is
   * @param onEvicted called once, by any thread, where it has to give way; it holds nothing then
   */
  public Hold open(Object owner, Runnable onEvicted) {
    return new Hold(owner, onEvicted);
  }

  /** How much is held, in bytes. */
  public synchronized long used() {
    return used;
  }

  /** What one request, or the frames of one connection, hold. */
  public final class Hold {
    private final Object owner;
    private final Runnable onEvicted;
    private long bytes;
    private boolean over;

    private Hold(Object owner, Runnable onEvicted) {
      this.owner = owner;
      this.onEvicted = onEvicted;
    }

    /**
     * Holds so much more, which may have to give way until it is {@link #whole}.
     *
     * @return false where there is no room for it, or this had to give way already
     */
    public boolean grow(long more) {
      List<Hold> evicted = new ArrayList<>();
      boolean granted;
      synchronized (RequestMemory.this) {
        granted = !over && makeRoom(more, evicted);
        if (granted) {
          add(more);
          arriving.add(this);
        }
      }
      evicted.forEach(each -> each.onEvicted.run());
      return granted;
    }

    /** All of it is there: from now on it stays until it is released. False if it gave way. */
    public boolean whole() {
      synchronized (RequestMemory.this) {
        arriving.remove(this);
        return !over;
      }
    }

    /** Holds nothing any more; may hold again what comes later, unless it gave way. */
    public void release() {
      synchronized (RequestMemory.this) {
        arriving.remove(this);
        add(-bytes);
      }
    }

    private void add(long more) {
      bytes += more;
      used += more;
      byOwner.merge(owner, more, (a, b) -> a + b == 0 ? null : a + b);
    }

    private boolean makeRoom(long more, List<Hold> evicted) {
      if (more > max) {
        return false;
      }
      while (byOwner.getOrDefault(owner, 0L) + more > share()) {
        if (!evictOldest(owner, evicted)) {
          return false;
        }
      }
      while (used + more > max) {
        if (!evictOldest(null, evicted)) {
          return false;
        }
      }
      return true;
    }

    /** One that is large may be all that its owner holds. */
    private long share() {
      return bytes == byOwner.getOrDefault(owner, 0L) ? max : max / 2;
    }

    private boolean evictOldest(Object whose, List<Hold> evicted) {
      for (Iterator<Hold> all = arriving.iterator(); all.hasNext(); ) {
        Hold oldest = all.next();
        if (oldest != this && (whose == null || whose.equals(oldest.owner))) {
          all.remove();
          oldest.over = true;
          oldest.add(-oldest.bytes);
          evicted.add(oldest);
          return true;
        }
      }
      return false;
    }
  }
}
