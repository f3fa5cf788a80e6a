package io.coterie.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that are collected up to a limit. For one thread at a time. */
public final class BoundedBytes {

  private static final int FIRST_SIZE = 512;

  private final int max;
  private byte[] bytes;
  private int length;

  /**
   * @param max how many bytes there may be
   */
  public BoundedBytes(int max) {
    this.max = max;
    this.bytes = new byte[Math.min(max, FIRST_SIZE)];
  }

  /** Takes as much of a piece as there is room for; answers false where that is not all of it. */
  public boolean add(ByteBuffer piece) {
    int taken = Math.min(piece.remaining(), max - length);
    grow(length + taken);
    piece.get(bytes, length, taken);
    length += taken;
    return !piece.hasRemaining();
  }

  private void grow(int needed) {
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(max, Math.max(needed, 2L * bytes.length)));
    }
  }

  /** How many there are. */
  public int size() {
    return length;
  }

  /** A copy of them. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** What they say in UTF-8. */
  public String text() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** Begins anew. */
  public void clear() {
    length = 0;
  }
}
