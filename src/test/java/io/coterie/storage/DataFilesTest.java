package io.coterie.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is restored and imported takes the place of what was there, which is kept. */
class DataFilesTest {

  @TempDir Path folder;

  private Path source;
  private Path target;
  private Path archive;
  private DataFiles data;

  @BeforeEach
  void makeBackup() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    target = folder.resolve("target");
    data = new DataFiles(target, target.resolve("coterie.mv.db"));
    Files.createDirectories(source.resolve("tools/notes"));
    Files.writeString(source.resolve("tools/notes/memory.json"), "remembered");
    Files.writeString(source.resolve("jwt.secret"), "the backup's");
    String url = "jdbc:h2:" + source.resolve("coterie");
    try (Database database = Database.open(url, false)) {
      database.awaitOpen(Ledger.Dao.class);
      Backups backups = new Backups(source, Clock.systemUTC());
      archive = source.resolve(backups.write("coterie", database::copyTo).name());
    }
  }

  @Test
  void restore_intoNothing_nothingIsKept() throws IOException {
    assertThat(data.restore(archive)).isEmpty();

    assertThat(names(target)).containsExactly("coterie.mv.db", "jwt.secret", "tools");
    assertThat(target.resolve("tools/notes/memory.json")).hasContent("remembered");
  }

  @Test
  void restore_whereSomethingIs_thatIsKeptAside() throws IOException {
    fillTarget();

    Path before = data.restore(archive).orElseThrow();

    assertThat(before.getParent()).isEqualTo(target);
    assertThat(names(before)).containsExactly("coterie.mv.db", "jwt.secret", "registry");
    assertThat(before.resolve("coterie.mv.db")).hasContent("old");
    assertThat(before.resolve("registry/index.json")).hasContent("old");
    assertThat(target.resolve("jwt.secret")).hasContent("the backup's");
    assertThat(target.resolve("registry")).doesNotExist();
    assertThat(target.resolve("something.else")).hasContent("old");
    Optional<Path> second = data.restore(archive);
    assertThat(second.orElseThrow()).isNotEqualTo(before);
  }

  @Test
  void importScript_whereSomethingIs_onlyTheDatabaseIsReplaced() throws IOException {
    fillTarget();
    Path script = folder.resolve("script.sql");
    new DataFiles(source, source.resolve("coterie.mv.db")).exportScript(script);

    Path before = data.importScript(script).orElseThrow();

    assertThat(names(before)).containsExactly("coterie.mv.db");
    assertThat(target.resolve("jwt.secret")).hasContent("old");
  }

  @Test
  void restore_archiveCutShort_changesNothing() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    Path cut = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, whole.length - 30));
    fillTarget();
    List<String> before = names(target);

    assertThatThrownBy(() -> data.restore(cut)).isInstanceOf(IOException.class);

    assertThat(names(target)).isEqualTo(before);
    assertThat(target.resolve("coterie.mv.db")).hasContent("old");
  }

  @Test
  void restore_archiveWithAByteChanged_changesNothing() throws IOException {
    fillTarget();
    byte[] whole = Files.readAllBytes(archive);
    for (int tenth = 1; tenth < 10; tenth++) {
      byte[] damaged = whole.clone();
      damaged[whole.length / 10 * tenth] ^= 1;
      Path file = Files.write(folder.resolve("damaged.zip"), damaged);

      assertThatThrownBy(() -> data.restore(file)).as("%d", tenth).isInstanceOf(IOException.class);
    }
    assertThat(target.resolve("coterie.mv.db")).hasContent("old");
  }

  @Test
  void import_scriptCutBetweenStatements_changesNothing() throws IOException {
    fillTarget();
    Path script = folder.resolve("whole.sql");
    new DataFiles(source, source.resolve("coterie.mv.db")).exportScript(script);
    String text = Files.readString(script);
    int last = text.lastIndexOf("ALTER TABLE");
    for (String beginning :
        List.of("", text.substring(0, text.length() / 2), text.substring(0, last))) {
      String statements = beginning.substring(0, beginning.lastIndexOf(';') + 1);
      Path cut = Files.writeString(folder.resolve("cut.sql"), statements);

      assertThatThrownBy(() -> data.importScript(cut))
          .hasMessage("what it holds is no database of Coterie, or damaged");
    }
    Path broken = Files.writeString(folder.resolve("broken.sql"), text.substring(0, last + 20));
    assertThatThrownBy(() -> data.importScript(broken))
        .hasMessage("what it holds is no database of Coterie, or damaged");
    assertThat(target.resolve("coterie.mv.db")).hasContent("old");
  }

  @Test
  void import_scriptOfSomethingElse_changesNothing() throws IOException {
    Path script = Files.writeString(folder.resolve("script.sql"), "CREATE TABLE users(a INT);");
    fillTarget();

    assertThatThrownBy(() -> data.importScript(script)).hasMessageContaining("no database of");

    assertThat(target.resolve("coterie.mv.db")).hasContent("old");
    assertThat(names(target)).doesNotContain("restoring", "restoring.part");
  }

  @Test
  void restore_afterOneThatWasInterrupted_endsItAndKeepsWhatWasThere() throws IOException {
    fillTarget();
    Path before = data.restore(archive).orElseThrow();
    Files.createDirectory(target.resolve("restoring"));
    Files.createDirectory(target.resolve("restoring.part"));
    Files.move(target.resolve("coterie.mv.db"), target.resolve("restoring.part/coterie.mv.db"));

    assertThat(DataFiles.isHalfRestored(target)).isTrue();
    assertThat(DataFiles.deleteLeftovers(target)).isFalse();
    assertThatThrownBy(() -> data.backup(folder.resolve("x.zip"))).isInstanceOf(IOException.class);
    data.restore(archive);

    assertThat(DataFiles.isHalfRestored(target)).isFalse();
    assertThat(names(target)).doesNotContain("restoring", "restoring.part");
    assertThat(target.resolve("coterie.mv.db")).isNotEmptyFile();
    assertThat(before.resolve("coterie.mv.db")).hasContent("old");
  }

  @Test
  void restore_databaseInUse_refused() throws IOException {
    String url = "jdbc:h2:" + source.resolve("coterie");
    try (Database database = Database.open(url, false)) {
      database.awaitOpen(Ledger.Dao.class);

      assertThatThrownBy(
              () -> new DataFiles(source, source.resolve("coterie.mv.db")).restore(archive))
          .hasMessageContaining("a server runs on");
    }
    assertThat(names(source)).containsExactly("backups", "coterie.mv.db", "jwt.secret", "tools");
  }

  private void fillTarget() throws IOException {
    Files.createDirectories(target.resolve("registry"));
    for (String name :
        List.of("coterie.mv.db", "jwt.secret", "registry/index.json", "something.else")) {
      Files.writeString(target.resolve(name), "old");
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
