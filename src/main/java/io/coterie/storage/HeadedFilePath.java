package io.coterie.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.h2.mvstore.DataUtils;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 under {@code headed:}, whose header always names what was written last. H2 2.5.252
 * names the write before that, and follows each write to where it expected the next one to be. Once
 * it uses the space of old writes again, the next one often is elsewhere; after the death of the
 * process H2 then does not find it, and takes an older state for the newest.
 *
 * <p>A header is two blocks that say the same; H2 believes the newer one that is whole. They are
 * written in turns here, so that one of them is always whole and names what is. The format is that
 * of H2, which reads such a file without this. Public for H2, which makes the paths; thread-safe.
 */
public final class HeadedFilePath extends FilePathWrapper {

  static final String SCHEME = "headed";

  private static final int BLOCK = 4096;
  private static final int HEADERS = 2 * BLOCK;
  private static final String CLEAN = "clean";
  private static final String VERSION = "version";

  /** Makes the scheme known to H2. */
  static void register() {
    FilePath.register(new HeadedFilePath());
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new HeadedFile(getBase().open(mode));
  }

  private static final class HeadedFile extends PassingFile {
    private Map<String, String> header;
    private long newest = -1;

    HeadedFile(FileChannel file) {
      super(file);
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
      int length = source.remaining();
      Map<String, String> map = firstLine(source);
      if (position == 0) {
        writeHeader(source, map);
      } else {
        writeAll(source, position);
        // What is moved within the file is as old as it was.
        if (map.containsKey("chunk") && hex(map, VERSION) > newest) {
          name(map, position);
        }
      }
      return length;
    }

    /** H2's own header, with what H2 had not taken into account. */
    private void writeHeader(ByteBuffer source, Map<String, String> map) throws IOException {
      boolean changed = newest < 0 || map.containsKey(CLEAN) || header.containsKey(CLEAN);
      if (newest > hex(map, VERSION)) {
        for (String name : new String[] {"block", "chunk", VERSION}) {
          map.put(name, header.get(name));
        }
      }
      header = map;
      if (changed) {
        ByteBuffer both = ByteBuffer.allocate(HEADERS);
        both.put(0, bytes(map)).put(BLOCK, bytes(map));
        writeAll(both, 0);
      }
      source.position(source.limit());
    }

    private void name(Map<String, String> chunk, long position) throws IOException {
      if (header == null) {
        header = readHeader(0).containsKey("H") ? readHeader(0) : readHeader(BLOCK);
      }
      newest = hex(chunk, VERSION);
      header.put("block", Long.toHexString(position / BLOCK));
      header.put("chunk", chunk.get("chunk"));
      header.put(VERSION, chunk.get(VERSION));
      Map<String, String> unclean = new TreeMap<>(header);
      unclean.remove(CLEAN);
      ByteBuffer block = ByteBuffer.allocate(BLOCK).put(0, bytes(unclean));
      writeAll(block, newest % 2 * BLOCK);
    }

    private Map<String, String> readHeader(long position) throws IOException {
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      read(block, position);
      return firstLine(block.flip());
    }

    /** As H2 writes it: the values, and a checksum of them. */
    private static byte[] bytes(Map<String, String> map) {
      map.remove("fletcher");
      StringBuilder text = new StringBuilder();
      map.forEach((name, value) -> DataUtils.appendMap(text, name, value));
      byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
      DataUtils.appendMap(text, "fletcher", DataUtils.getFletcher32(bytes, 0, bytes.length));
      return text.append('\n').toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The values in the first line; none where it is no line of values. */
    private static Map<String, String> firstLine(ByteBuffer source) {
      byte[] bytes = new byte[Math.min(1024, source.remaining())];
      source.duplicate().get(bytes);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      Map<String, String> values = new TreeMap<>();
      if (text.startsWith("chunk:") || text.startsWith("H:") || text.startsWith("block:")) {
        for (String pair : text.substring(0, Math.max(0, text.indexOf('\n'))).trim().split(",")) {
          int colon = pair.indexOf(':');
          if (colon > 0) {
            values.put(pair.substring(0, colon), pair.substring(colon + 1));
          }
        }
      }
      return values;
    }

    private static long hex(Map<String, String> map, String name) {
      return Long.parseLong(map.getOrDefault(name, "0"), 16);
    }
  }
}
