package io.coterie.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads lines of UTF-8 that end with a line feed, each of bounded length. For one thread. */
final class LineReader {

  /** A line was longer than allowed. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;

    TooLong() {
      super("a line is too long");
    }
  }

  private static final int BUFFER = 16 * 1024;

  private final InputStream in;
  private final int max;
  private final boolean cuts;
  private final byte[] buffer = new byte[BUFFER];
  private int from;
  private int to;

  /**
   * @param max the most bytes of a line
   * @param cuts whether to leave out what exceeds that, instead of refusing the line
   */
  LineReader(InputStream in, int max, boolean cuts) {
    this.in = in;
    this.max = max;
    this.cuts = cuts;
  }

  /**
   * The next line without its end, or null after the last one.
   *
   * @throws TooLong where the line is longer than allowed
   */
  String next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean any = false;
    while (from < to || fill()) {
      any = true;
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      add(line, end - from);
      boolean whole = end < to;
      from = whole ? end + 1 : end;
      if (whole) {
        break;
      }
    }
    return any ? line.toString(StandardCharsets.UTF_8).stripTrailing() : null;
  }

  private void add(ByteArrayOutputStream line, int bytes) throws TooLong {
    int room = max - line.size();
    if (bytes > room && !cuts) {
      throw new TooLong();
    }
    line.write(buffer, from, Math.min(bytes, room));
  }

  private boolean fill() throws IOException {
    from = 0;
    to = Math.max(0, in.read(buffer));
    return to > 0;
  }
}
