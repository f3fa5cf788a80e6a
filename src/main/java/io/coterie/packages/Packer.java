package io.coterie.packages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes a package of a folder with an {@code agent.json}, and a registry of the folder it puts the
 * package in. The same files give the same archive, byte for byte, on every machine. Stateless.
 */
public final class Packer {
  /** The first moment that a zip archive can name; without a time zone. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Packer() {}

  /**
   * Checks {@code folder} as it would be checked before an installation, and adds it to the
   * registry in {@code outDir}: {@code NAME/NAME-VERSION.zip}, {@code NAME/index.json} and {@code
   * index.json}. Hidden files are left out.
   *
   * @throws IOException with what is wrong, also if that version is there with another content
   */
  public static PackResult pack(Path folder, Path outDir) throws IOException {
    byte[] zip = zip(files(folder));
    try {
      return new RegistryFolder(outDir).add(PackageArchive.read(zip), zip);
    } catch (RefusedException e) {
      throw new IOException(folder.getFileName() + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          private long total;

          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return hidden(dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (hidden(file)) {
              return FileVisitResult.CONTINUE;
            }
            String name = folder.relativize(file).toString().replace('\\', '/');
            total += attributes.size();
            if (!attributes.isRegularFile()) {
              throw new IOException(name + " is a link or another special file");
            }
            if (total > Limits.EXPANDED) {
              throw new IOException("the package is over " + (Limits.EXPANDED >> 20) + " MB");
            }
            files.put(name, Files.readAllBytes(file));
            return FileVisitResult.CONTINUE;
          }

          private boolean hidden(Path path) {
            return !path.equals(folder) && path.getFileName().toString().startsWith(".");
          }
        });
    return files;
  }

  /** Stored, not deflated: what a deflater makes differs between versions of zlib. */
  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(file.getValue());
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(NO_TIME);
        entry.setSize(file.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
