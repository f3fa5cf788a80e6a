package io.coterie.storage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * One file on a disk with a cache: what is written is on the disk for certain only after the next
 * {@link #force}. Until then a power loss may leave any of it, since disks and operating systems
 * write when and in the order they like. Thread-safe.
 */
final class VolatileDisk {

  /** What of the unforced writes a power loss leaves. */
  enum Loss {
    /** Nothing. */
    ALL,
    /** The first ones, the last of these in part. */
    LATEST,
    /** Any blocks of them. */
    ANY
  }

  private static final int BLOCK = 4096;

  /** A write of {@code bytes}, or the cut of the file at {@code position} where there are none. */
  private record Change(long position, byte[] bytes) {}

  private final List<Change> unforced = new ArrayList<>();
  private byte[] content = new byte[0];
  private int forces;
  private volatile long forceNanos;

  synchronized void write(long position, byte[] bytes) {
    unforced.add(new Change(position, bytes));
  }

  synchronized void truncate(long size) {
    unforced.add(new Change(size, null));
  }

  /** Lets each force take that long, as it does on a real disk. */
  void forceTakes(Duration time) {
    forceNanos = time.toNanos();
  }

  void force() {
    LockSupport.parkNanos(forceNanos);
    forceNow();
  }

  private synchronized void forceNow() {
    for (Change change : unforced) {
      content = apply(content, change);
    }
    unforced.clear();
    forces++;
  }

  /** How often the file was forced to the disk. */
  synchronized int forces() {
    return forces;
  }

  /** What is on the disk if the power fails now, once for each of {@code losses}. */
  synchronized List<byte[]> afterPowerLoss(List<Loss> losses, Random random) {
    List<byte[]> images = new ArrayList<>();
    for (Loss loss : losses) {
      byte[] image = content.clone();
      for (Change change : surviving(loss, random)) {
        image = apply(image, change);
      }
      images.add(image);
    }
    return images;
  }

  private List<Change> surviving(Loss loss, Random random) {
    List<Change> blocks = blocks();
    return switch (loss) {
      case ALL -> List.of();
      case LATEST -> blocks.subList(0, random.nextInt(blocks.size() + 1));
      case ANY -> {
        double chance = random.nextDouble();
        yield blocks.stream().filter(block -> random.nextDouble() < chance).toList();
      }
    };
  }

  /** The unforced changes, each cut where a block of the disk ends. */
  private List<Change> blocks() {
    List<Change> blocks = new ArrayList<>();
    for (Change change : unforced) {
      int from = 0;
      while (change.bytes() != null && from < change.bytes().length) {
        long start = change.position() + from;
        int to = (int) Math.min(change.bytes().length, from + BLOCK - start % BLOCK);
        blocks.add(new Change(start, Arrays.copyOfRange(change.bytes(), from, to)));
        from = to;
      }
      if (change.bytes() == null) {
        blocks.add(change);
      }
    }
    return blocks;
  }

  private static byte[] apply(byte[] content, Change change) {
    int position = Math.toIntExact(change.position());
    if (change.bytes() == null) {
      return position < content.length ? Arrays.copyOf(content, position) : content;
    }
    int end = position + change.bytes().length;
    byte[] grown = end > content.length ? Arrays.copyOf(content, end) : content;
    System.arraycopy(change.bytes(), 0, grown, position, change.bytes().length);
    return grown;
  }
}
