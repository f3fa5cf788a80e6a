package io.coterie.deletion;

import io.coterie.deletion.DeletionDao.Sized;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** How much one transaction may still remove: so many rows, and so much of what is in them. */
final class Portion {

  /** In characters or bytes. One row is removed whatever its size. */
  private static final long MAX_SIZE = 1_000_000;

  /** How many rows are looked at before it is known how large they are. */
  private static final int FIRST_LOOK = 8;

  private int rows;
  private long size = MAX_SIZE;

  Portion(int rows) {
    this.rows = rows;
  }

  boolean isSpent() {
    return rows <= 0 || size <= 0;
  }

  /** Counts a small row that was removed. */
  void countRow() {
    rows--;
  }

  /**
   * Removes what fits.
   *
   * @param find given how many, answers the first rows that are left
   * @param delete given some of them, from the first on
   * @return whether there are no more
   */
  <R extends Sized> boolean remove(IntFunction<List<R>> find, Consumer<List<R>> delete) {
    for (int look = FIRST_LOOK; !isSpent(); look *= 4) {
      int wanted = Math.min(look, rows);
      List<R> found = find.apply(wanted);
      List<R> fitting = found.subList(0, fitting(found));
      if (!fitting.isEmpty()) {
        delete.accept(fitting);
      }
      if (fitting.size() == found.size() && found.size() < wanted) {
        return true;
      }
    }
    return false;
  }

  /** How many of them fit; they count as removed. */
  private int fitting(List<? extends Sized> found) {
    int count = 0;
    while (count < found.size() && !isSpent()) {
      size -= found.get(count).size();
      rows--;
      count++;
    }
    return count;
  }
}
