package io.coterie.tools;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Shows what is read to somebody else too, line by line, and tells of the end. */
final class WatchedInput extends FilterInputStream {

  private final Consumer<String> lines;
  private final Runnable end;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  WatchedInput(InputStream in, Consumer<String> lines, Runnable end) {
    super(in);
    this.lines = lines;
    this.end = end;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    if (read < 0) {
      end.run();
    }
    for (int i = offset; i < offset + read; i++) {
      if (bytes[i] == '\n') {
        lines.accept(line.toString(StandardCharsets.UTF_8));
        line.reset();
      } else {
        line.write(bytes[i]);
      }
    }
    return read;
  }
}
