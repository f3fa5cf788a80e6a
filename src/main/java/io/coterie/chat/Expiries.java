package io.coterie.chat;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends connections when what they were opened with expires, within a second. It looks at the clock
 * once a second instead of waiting for the next end, as a clock may be set; while nothing is
 * watched it does not look. Thread-safe.
 */
final class Expiries {

  private static final int PAUSE_MILLIS = 1000;

  private record Place(Instant end, long number) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::end).thenComparingLong(Place::number);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  private final ScheduledExecutorService timer;
  private final Clock clock;
  private final NavigableMap<Place, Outbox> watched = new ConcurrentSkipListMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicBoolean looking = new AtomicBoolean();

  Expiries(ScheduledExecutorService timer, Clock clock) {
    this.timer = timer;
    this.clock = clock;
  }

  /** Ends the connection then, unless it has ended before. */
  void watch(Outbox out, Instant end) {
    Place place = new Place(end, numbers.incrementAndGet());
    watched.put(place, out);
    out.whenClosed(() -> watched.remove(place));
    lookLater();
  }

  private void lookLater() {
    if (!watched.isEmpty() && looking.compareAndSet(false, true)) {
      try {
        var unused = timer.schedule(this::look, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // The server stops, and ends them all.
      }
    }
  }

  private void look() {
    try {
      Place now = new Place(clock.instant(), Long.MAX_VALUE);
      watched.headMap(now, true).values().forEach(out -> out.abort(CloseReason.EXPIRED));
    } finally {
      looking.set(false);
      lookLater();
    }
  }
}
