package io.coterie.packages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The table of contents of a zip archive in memory, as APPNOTE.TXT describes it, without ZIP64,
 * encryption and further disks.
 *
 * <p>The JDK's own readers do not show the file modes and either skip the central directory or need
 * a file on disk; and an archive can tell two readers two things. So the central directory is read
 * here and each of its entries is held against the local header it points to: same name, method,
 * flags and sizes, inside the archive, no two sharing bytes.
 */
final class ZipDirectory {

  /** One entry; {@code start} and {@code compressed} say where its data lies. */
  record Entry(String name, boolean deflated, long crc, int start, int compressed, int size) {
    boolean isFolder() {
      return name.endsWith("/");
    }
  }

  private record Span(long from, long to) {}

  private static final int END = 0x06054b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_SIZE = 22;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL_SIZE = 30;
  private static final int FLAG_ENCRYPTED = 0x1 | 0x40 | 0x2000;
  private static final int FLAG_SIZES_FOLLOW = 0x8;
  private static final int FLAG_UTF8 = 0x800;
  private static final int FLAGS_THAT_MATTER = FLAG_ENCRYPTED | FLAG_SIZES_FOLLOW | FLAG_UTF8;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int MODE_TYPE = 0xF000;
  private static final int MODE_FILE = 0x8000;
  private static final int MODE_FOLDER = 0x4000;

  private final byte[] bytes;
  private final ByteBuffer zip;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();
  private final ZipNames names = new ZipNames();

  private ZipDirectory(byte[] bytes) {
    this.bytes = bytes;
    this.zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static List<Entry> read(byte[] bytes) throws RefusedException {
    ZipDirectory directory = new ZipDirectory(bytes);
    directory.readAll();
    ZipNames.requireFoldersApart(directory.entries.stream().map(Entry::name).toList());
    return List.copyOf(directory.entries);
  }

  private void readAll() throws RefusedException {
    int end = findEnd();
    int count = u16(end + 10);
    long size = u32(end + 12);
    long start = u32(end + 16);
    if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != count || start + size != end) {
      throw damaged();
    }
    if (count > Limits.ENTRIES) {
      throw new RefusedException("the archive has more than " + Limits.ENTRIES + " entries");
    }
    int at = (int) start;
    for (int i = 0; i < count; i++) {
      at = readEntry(at, (int) start, end);
    }
    if (at != end) {
      throw damaged();
    }
    requireNoOverlap();
  }

  /** The end record closes the file: what looks like one elsewhere is only data. */
  private int findEnd() throws RefusedException {
    int lowest = Math.max(0, bytes.length - END_SIZE - 0xFFFF);
    for (int at = bytes.length - END_SIZE; at >= lowest; at--) {
      if (zip.getInt(at) == END && at + END_SIZE + u16(at + 20) == bytes.length) {
        return at;
      }
    }
    throw new RefusedException("the package is not a zip archive");
  }

  private int readEntry(int at, int directory, int end) throws RefusedException {
    require(at + CENTRAL_SIZE <= end && zip.getInt(at) == CENTRAL);
    int nameLength = u16(at + 28);
    int next = at + CENTRAL_SIZE + nameLength + u16(at + 30) + u16(at + 32);
    require(next <= end);
    int flags = u16(at + 8);
    if ((flags & FLAG_ENCRYPTED) != 0) {
      throw new RefusedException("the archive has an encrypted entry");
    }
    int method = u16(at + 10);
    if (method != STORED && method != DEFLATED) {
      throw new RefusedException("the archive uses a compression that is not supported");
    }
    byte[] rawName = Arrays.copyOfRange(bytes, at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength);
    String name = StrictJson.exactText(rawName, "a name in the archive");
    names.add(name);
    requireOrdinary(name, zip.getInt(at + 38) >>> 16);
    long compressed = u32(at + 20);
    long size = u32(at + 24);
    long local = u32(at + 42);
    require(local + LOCAL_SIZE <= directory && u16(at + 34) == 0);
    long start = requireSameLocally((int) local, at, rawName, flags);
    require(start + compressed <= directory);
    require(method == DEFLATED || compressed == size);
    require(!name.endsWith("/") || size == 0);
    if (size > Limits.EXPANDED) {
      throw SafeZip.expandsTooMuch();
    }
    spans.add(new Span(local, start + compressed));
    entries.add(
        new Entry(
            name, method == DEFLATED, u32(at + 16), (int) start, (int) compressed, (int) size));
    return next;
  }

  /** Returns where the entry's data starts. */
  private long requireSameLocally(int local, int central, byte[] rawName, int flags)
      throws RefusedException {
    require(zip.getInt(local) == LOCAL);
    int nameEnd = local + LOCAL_SIZE + u16(local + 26);
    require(nameEnd <= bytes.length);
    boolean same =
        Arrays.equals(rawName, Arrays.copyOfRange(bytes, local + LOCAL_SIZE, nameEnd))
            && ((u16(local + 6) ^ flags) & FLAGS_THAT_MATTER) == 0
            && u16(local + 8) == u16(central + 10);
    if ((flags & FLAG_SIZES_FOLLOW) == 0) {
      same &= u32(local + 14) == u32(central + 16);
      same &= u32(local + 18) == u32(central + 20);
      same &= u32(local + 22) == u32(central + 24);
    }
    if (!same) {
      throw new RefusedException("the archive contradicts itself");
    }
    return (long) nameEnd + u16(local + 28);
  }

  /** Where a Unix mode is given, it must be the one of a file or a folder. */
  private static void requireOrdinary(String name, int mode) throws RefusedException {
    int type = mode & MODE_TYPE;
    int expected = name.endsWith("/") ? MODE_FOLDER : MODE_FILE;
    if (type != 0 && type != expected) {
      throw new RefusedException("the archive has a link or another special file");
    }
  }

  private void requireNoOverlap() throws RefusedException {
    spans.sort(Comparator.comparingLong(Span::from));
    for (int i = 1; i < spans.size(); i++) {
      require(spans.get(i - 1).to() <= spans.get(i).from());
    }
  }

  private int u16(int at) {
    return Short.toUnsignedInt(zip.getShort(at));
  }

  private long u32(int at) {
    return Integer.toUnsignedLong(zip.getInt(at));
  }

  private static void require(boolean sound) throws RefusedException {
    if (!sound) {
      throw damaged();
    }
  }

  private static RefusedException damaged() {
    return new RefusedException("the archive is damaged");
  }
}
