package io.coterie.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Splits UTF-8 that comes in pieces of any size into lines of bounded length. A line is decoded as
 * a whole, so that a character may be split between two pieces. For one thread at a time.
 */
public final class LineSplitter {

  /** What ends a line. */
  public enum Ends {
    /** A line feed. */
    FEED,
    /** A line feed, a carriage return, or the one after the other. */
    ANY
  }

  private static final int BUFFER = 16 * 1024;

  private final Ends ends;
  private final Consumer<String> lines;
  private final BoundedBytes line;
  private final boolean cuts;
  private boolean afterReturn;

  private LineSplitter(int max, Ends ends, boolean cuts, Consumer<String> lines) {
    this.ends = ends;
    this.cuts = cuts;
    this.lines = lines;
    this.line = new BoundedBytes(max);
  }

  /**
   * Refuses a line that is too long.
   *
   * @param max the most bytes of a line
   * @param lines is given each line without its end
   */
  public static LineSplitter strict(int max, Ends ends, Consumer<String> lines) {
    return new LineSplitter(max, ends, false, lines);
  }

  /** As {@link #strict}, but leaves out what a line has too much. */
  public static LineSplitter cutting(int max, Ends ends, Consumer<String> lines) {
    return new LineSplitter(max, ends, true, lines);
  }

  /** Takes the next piece; answers false where a line is too long. */
  public boolean read(ByteBuffer piece) {
    int from = piece.position();
    int limit = piece.limit();
    for (int at = from; at < limit; at++) {
      byte next = piece.get(at);
      boolean isReturn = ends == Ends.ANY && next == '\r';
      boolean secondOfTwo = next == '\n' && afterReturn;
      afterReturn = isReturn;
      if (next != '\n' && !isReturn) {
        continue;
      }
      if (!secondOfTwo) {
        if (!add(piece, from, at)) {
          return false;
        }
        finish();
      }
      from = at + 1;
    }
    boolean fits = add(piece, from, limit);
    piece.position(limit);
    return fits;
  }

  /** Takes all there is, until it ends; answers false where a line is too long. */
  public boolean readAll(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (!read(ByteBuffer.wrap(buffer, 0, read))) {
        return false;
      }
    }
    end();
    return true;
  }

  private boolean add(ByteBuffer piece, int from, int to) {
    boolean fits = line.add(piece.duplicate().position(from).limit(to));
    return fits || cuts;
  }

  /** Hands over what has come of a line. */
  private void finish() {
    String whole = line.text();
    line.clear();
    lines.accept(whole);
  }

  /** Hands over a last line that was not ended. */
  public void end() {
    if (line.size() > 0) {
      finish();
    }
  }
}
