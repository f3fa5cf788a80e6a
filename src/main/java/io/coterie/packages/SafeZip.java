package io.coterie.packages;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A zip archive from a stranger, wholly in memory and checked as a whole before anything in it is
 * handed out. Nothing is ever unpacked to disk. Immutable.
 */
final class SafeZip {
  private static final int BUFFER = 1 << 16;
  private static final int RATIO_MATTERS_FROM = 1 << 20;
  private static final int MAX_RATIO = 200;

  private final byte[] bytes;
  private final List<ZipDirectory.Entry> entries;

  private SafeZip(byte[] bytes, List<ZipDirectory.Entry> entries) {
    this.bytes = bytes;
    this.entries = entries;
  }

  static SafeZip open(byte[] bytes) throws RefusedException {
    SafeZip zip = new SafeZip(bytes, ZipDirectory.read(bytes));
    long total = 0;
    for (ZipDirectory.Entry entry : zip.entries) {
      if (Programs.isNamedSo(entry.name())) {
        throw new RefusedException(entry.name() + " is a program, and a package holds none");
      }
      total += zip.expand(entry, Limits.EXPANDED - total, null);
    }
    return zip;
  }

  static RefusedException expandsTooMuch() {
    int megabytes = Limits.EXPANDED >> 20;
    return new RefusedException("the archive expands to more than " + megabytes + " MB");
  }

  /** The content of one file, or null if there is none of exactly that name. */
  byte[] read(String name, int maxBytes) throws RefusedException {
    for (ZipDirectory.Entry entry : entries) {
      if (entry.name().equals(name) && !entry.isFolder()) {
        if (entry.size() > maxBytes) {
          throw new RefusedException(name + " is over " + (maxBytes >> 20) + " MB");
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream(entry.size());
        expand(entry, maxBytes, content);
        return content.toByteArray();
      }
    }
    return null;
  }

  /** Unpacks into {@code out}, or only checks where that is null. Returns the size. */
  private long expand(ZipDirectory.Entry entry, long allowed, ByteArrayOutputStream out)
      throws RefusedException {
    if (!entry.deflated()) {
      return stored(entry, allowed, out);
    }
    Inflater inflater = new Inflater(true);
    try {
      return inflate(inflater, entry, allowed, out);
    } catch (DataFormatException e) {
      throw new RefusedException("the archive is damaged", e);
    } finally {
      inflater.end();
    }
  }

  private long stored(ZipDirectory.Entry entry, long allowed, ByteArrayOutputStream out)
      throws RefusedException {
    if (entry.size() > allowed) {
      throw expandsTooMuch();
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, entry.start(), entry.size());
    requireSame(entry, crc, entry.size());
    if (out != null) {
      out.write(bytes, entry.start(), entry.size());
    }
    return entry.size();
  }

  private long inflate(
      Inflater inflater, ZipDirectory.Entry entry, long allowed, ByteArrayOutputStream out)
      throws RefusedException, DataFormatException {
    byte[] buffer = new byte[BUFFER];
    CRC32 crc = new CRC32();
    long size = 0;
    inflater.setInput(bytes, entry.start(), entry.compressed());
    while (!inflater.finished()) {
      int count = inflater.inflate(buffer);
      if (count == 0 && !inflater.finished()) {
        throw new RefusedException("the archive is damaged");
      }
      size += count;
      if (size > allowed) {
        throw expandsTooMuch();
      }
      if (size > RATIO_MATTERS_FROM && size > (long) entry.compressed() * MAX_RATIO) {
        throw new RefusedException("the archive is compressed beyond belief");
      }
      crc.update(buffer, 0, count);
      if (out != null) {
        out.write(buffer, 0, count);
      }
    }
    if (inflater.getBytesRead() != entry.compressed()) {
      throw new RefusedException("the archive contradicts itself");
    }
    requireSame(entry, crc, size);
    return size;
  }

  private static void requireSame(ZipDirectory.Entry entry, CRC32 crc, long size)
      throws RefusedException {
    if (size != entry.size() || crc.getValue() != entry.crc()) {
      throw new RefusedException("the archive contradicts itself");
    }
  }
}
