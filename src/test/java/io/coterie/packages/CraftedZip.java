package io.coterie.packages;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes zip archives field by field, so that each can be a lie. */
final class CraftedZip {

  /** One entry; what is public may be changed before {@link #bytes}. */
  static final class Entry {
    byte[] name;
    byte[] localName;
    byte[] data;
    int method;
    int flags = 0x800;
    int mode;
    long crc;
    long size;
    long localSize;
    int offset = -1;

    private Entry(String name, byte[] data, int method, long crc, long size) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
      this.localName = this.name;
      this.data = data;
      this.method = method;
      this.crc = crc;
      this.size = size;
      this.localSize = size;
    }
  }

  final List<Entry> entries = new ArrayList<>();
  int declaredEntries = -1;
  byte[] prefix = {};
  byte[] comment = {};

  Entry add(String name, String text) {
    return add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  Entry add(String name, byte[] content) {
    Entry entry = new Entry(name, content, 0, crc(content), content.length);
    entries.add(entry);
    return entry;
  }

  Entry deflate(String name, byte[] content) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(content);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    Entry entry = new Entry(name, out.toByteArray(), 8, crc(content), content.length);
    entries.add(entry);
    return entry;
  }

  byte[] bytes() {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    zip.writeBytes(prefix);
    List<Integer> offsets = new ArrayList<>();
    for (Entry e : entries) {
      offsets.add(e.offset >= 0 ? e.offset : zip.size());
      ByteBuffer head = record(30).putInt(0x04034b50).putShort((short) 20);
      head.putShort((short) e.flags).putShort((short) e.method).putInt(0).putInt((int) e.crc);
      head.putInt(e.data.length).putInt((int) e.localSize);
      head.putShort((short) e.localName.length).putShort((short) 0);
      zip.writeBytes(head.array());
      zip.writeBytes(e.localName);
      zip.writeBytes(e.data);
    }
    int start = zip.size();
    for (int i = 0; i < entries.size(); i++) {
      Entry e = entries.get(i);
      ByteBuffer head = record(46).putInt(0x02014b50).putShort((short) 0x314);
      head.putShort((short) 20).putShort((short) e.flags).putShort((short) e.method).putInt(0);
      head.putInt((int) e.crc).putInt(e.data.length).putInt((int) e.size);
      head.putShort((short) e.name.length).putShort((short) 0).putShort((short) 0);
      head.putShort((short) 0).putShort((short) 0).putInt(e.mode << 16).putInt(offsets.get(i));
      zip.writeBytes(head.array());
      zip.writeBytes(e.name);
    }
    short count = (short) (declaredEntries >= 0 ? declaredEntries : entries.size());
    ByteBuffer end = record(22).putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
    end.putInt(zip.size() - start).putInt(start).putShort((short) comment.length);
    zip.writeBytes(end.array());
    zip.writeBytes(comment);
    return zip.toByteArray();
  }

  private static ByteBuffer record(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  /** A manifest that is in order. */
  static String manifest(String name, String version) {
    return """
        {"agent_id":"%s","version":"%s","name":"A name","description":"A description.","kind":"llm",
         "instructions":"Do it."}"""
        .formatted(name, version);
  }

  /** A package that is in order. */
  static CraftedZip sound(String name, String version) {
    CraftedZip zip = new CraftedZip();
    zip.add("agent.json", manifest(name, version));
    return zip;
  }
}
