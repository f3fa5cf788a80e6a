package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder that this server publishes into, also after a process that died in between. */
class OwnRegistryTest {

  @TempDir Path temp;

  private Path folder;
  private OwnRegistry registry;

  @BeforeEach
  void make() {
    folder = temp.resolve("registry");
    registry = new OwnRegistry(folder);
  }

  private static byte[] zip(String version, String extra) {
    return PackageServer.zip(PackageServer.manifest("half", version, extra));
  }

  private void publish(String version) throws Exception {
    registry.publish("half", version, zip(version, ",\"license\":\"" + version + "\""));
  }

  private static String list(String version) {
    return "{\"packages\":[{\"name\":\"half\",\"description\":\"Describes.\",\"version\":\"%s\"}]}\n"
        .formatted(version);
  }

  @Test
  void publish_listThatIsBehind_isBroughtUpToDate() throws Exception {
    publish("1.0.0");
    Path list = folder.resolve("index.json");
    byte[] behind = Files.readAllBytes(list);
    publish("2.0.0");
    for (String next : new String[] {"2.0.0", "1.5.0", "1.0.0"}) {
      Files.write(list, behind); // as if the process had died before it wrote the list
      publish(next);
      assertThat(list).content().isEqualTo(list("2.0.0"));
    }
    Files.delete(list);
    publish("1.0.0");
    assertThat(list).content().isEqualTo(list("2.0.0"));
  }

  @Test
  void publish_afterOneThatDied_deletesWhatItLeft() throws Exception {
    publish("1.0.0");
    Files.writeString(folder.resolve("half/.half-3.0.0.zip.part"), "half");
    Files.writeString(folder.resolve(".index.json.part"), "half");
    Files.writeString(folder.resolve("half/half-3.0.0.zip"), "whole, but not listed yet");
    Files.writeString(folder.resolve("half/notes.part"), "not ours");
    registry = new OwnRegistry(folder);
    publish("3.0.0");
    assertThat(names())
        .containsExactlyInAnyOrder(
            "index.json",
            "half/index.json",
            "half/half-1.0.0.zip",
            "half/half-3.0.0.zip",
            "half/notes.part");
    assertThat(folder.resolve("half/half-3.0.0.zip"))
        .hasBinaryContent(zip("3.0.0", ",\"license\":\"3.0.0\""));
    assertThat(folder.resolve("index.json")).content().isEqualTo(list("3.0.0"));
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> folder.relativize(f).toString())
          .toList()
          .stream();
    }
  }

  @Test
  void publish_moreVersionsThanAnIndexHolds_isRefusedAndChangesNothing() throws Exception {
    publish("1.0.0");
    Path index = folder.resolve("half/index.json");
    StringBuilder many = new StringBuilder("{\"name\":\"half\",\"versions\":[");
    for (int i = 0; many.length() < Limits.INDEX - 250; i++) {
      many.append(i == 0 ? "" : ",").append(Indexes.entry("half", "0.0." + i, "0".repeat(64)));
    }
    Files.writeString(index, many.append("]}"));
    byte[] before = Files.readAllBytes(index);
    publish("2.0.0");
    assertThat(before).hasSizeLessThan(Files.readAllBytes(index).length);
    before = Files.readAllBytes(index);
    assertThatThrownBy(() -> publish("3.0.0"))
        .isInstanceOf(RefusedException.class)
        .hasMessage("an index of the registry would be over 1 MB");
    assertThat(index).hasBinaryContent(before);
    assertThat(folder.resolve("half/half-3.0.0.zip")).doesNotExist();
  }
}
