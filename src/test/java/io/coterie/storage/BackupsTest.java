package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsTest {

  private static final Backups.Content CONTENT =
      out -> out.write("database".getBytes(StandardCharsets.UTF_8));

  @TempDir Path dir;

  private Backups backups;

  @BeforeEach
  void make() {
    Clock clock = Clock.fixed(Instant.parse("2026-05-01T10:20:30Z"), ZoneOffset.UTC);
    backups = new Backups(dir, clock);
  }

  @Test
  void write_twiceWithinASecond_twoFilesThatOnlyTheOwnerReads() throws IOException {
    Files.writeString(dir.resolve("jwt.secret"), "secret");
    Files.createDirectories(dir.resolve("registry/greeter"));
    Files.writeString(dir.resolve("registry/index.json"), "{}");
    Files.writeString(dir.resolve("registry/greeter/index.json"), "{}");
    Files.writeString(dir.resolve("registry/greeter/greeter-1.0.0.zip"), "zip");
    Files.writeString(dir.resolve("registry/greeter/.x.part"), "half");
    Files.createDirectories(dir.resolve("tools/notes"));
    Files.writeString(dir.resolve("tools/notes/memory.json"), "{}");
    Files.writeString(dir.resolve("something.else"), "x");

    Backups.Backup first = backups.write("coterie", CONTENT);
    Backups.Backup second = backups.write("coterie", CONTENT);

    assertThat(first.name()).isEqualTo("backups/coterie-20260501-102030.zip");
    assertThat(second.name()).isEqualTo("backups/coterie-20260501-102030-2.zip");
    Path file = dir.resolve(first.name());
    assertThat(first.bytes()).isEqualTo(Files.size(file));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(zip.stream().map(Object::toString))
          .containsExactly(
              "coterie.mv.db",
              "jwt.secret",
              "registry/index.json",
              "registry/greeter/index.json",
              "registry/greeter/greeter-1.0.0.zip",
              "tools/notes/memory.json");
    }
  }

  @Test
  void write_whileAnotherIsWritten_busy() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Backups.Backup> first =
          thread.submit(
              () ->
                  backups.write(
                      "coterie",
                      out -> {
                        begun.countDown();
                        awaitQuietly(goOn);
                        CONTENT.writeTo(out);
                      }));
      begun.await();

      assertThatThrownBy(() -> backups.write("coterie", CONTENT))
          .isInstanceOf(Backups.BusyException.class);

      goOn.countDown();
      assertThat(dir.resolve(first.get().name())).exists();
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void write_failsInTheMiddle_nothingIsLeftAndTheNextOneSucceeds() throws IOException {
    Backups.Content failing =
        out -> {
          CONTENT.writeTo(out);
          throw new IOException("broken");
        };

    assertThatThrownBy(() -> backups.write("coterie", failing)).hasMessage("broken");

    assertThat(files("backups")).isEmpty();
    assertThat(dir.resolve(backups.write("coterie", CONTENT).name())).exists();
  }

  @Test
  void write_halfOfOneLeftByADeadProcess_isRemoved() throws IOException {
    Files.createDirectories(dir.resolve("backups"));
    Files.writeString(dir.resolve("backups/coterie-20260101-000000.zip.part"), "half");

    backups.write("before-v9", CONTENT);

    assertThat(files("backups")).containsExactly("before-v9-20260501-102030.zip");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
