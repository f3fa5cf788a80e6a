package io.coterie.http;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A body as it comes, in an array no larger than needed. Thread-safe. */
final class GrowingBytes {

  private static final int FIRST = 16 * 1024;

  /** Once so much has come, the rest of an announced length is believed. */
  private static final int CREDIBLE = 1 << 20;

  private final long announced;
  private final RequestMemory.Hold hold;
  private byte[] bytes = new byte[0];
  private int size;
  private boolean dropped;

  /**
   * @param announced the length that was announced; negative where none was
   * @param hold counts what is kept here
   */
  GrowingBytes(long announced, RequestMemory.Hold hold) {
    this.announced = announced;
    this.hold = hold;
  }

  synchronized int size() {
    return size;
  }

  /** Adds what remains in {@code more}; false where there is no memory for it. */
  synchronized boolean add(ByteBuffer more) {
    int added = more.remaining();
    if (dropped || !makeRoom(size + added)) {
      return false;
    }
    more.get(bytes, size, added);
    size += added;
    return true;
  }

  /** All of it; nothing is kept here any more. */
  synchronized byte[] take() {
    byte[] taken = bytes.length == size ? bytes : Arrays.copyOf(bytes, size);
    drop();
    return taken;
  }

  /** Forgets it. */
  synchronized void drop() {
    dropped = true;
    bytes = new byte[0];
    size = 0;
  }

  private boolean makeRoom(int needed) {
    if (needed <= bytes.length) {
      return true;
    }
    long capacity = Math.max(Math.max(needed, FIRST), 2L * bytes.length);
    if (announced >= needed) {
      capacity = needed > CREDIBLE ? announced : Math.min(capacity, announced);
    }
    int length = (int) Math.min(capacity, Integer.MAX_VALUE - 8);
    if (!hold.grow(length - bytes.length)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, length);
    return true;
  }
}
