package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackerTest {
  @TempDir Path temp;

  private Path source(String name, String version) throws IOException {
    Path folder = Files.createDirectories(temp.resolve("sources").resolve(name));
    Files.writeString(folder.resolve("agent.json"), CraftedZip.manifest(name, version));
    return folder;
  }

  private DownloadedPackage download(String name, String version) throws PackageException {
    try (Registries own = Registries.of(List.of("own:"), temp.resolve("out"))) {
      return own.download(name, version);
    }
  }

  @Test
  void pack_severalVersions_makesARegistryOfTheFolder() throws Exception {
    Path out = temp.resolve("out");
    for (String version : new String[] {"1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.9.0+b"}) {
      Packer.pack(source("pkg", version), out);
    }
    PackResult other = Packer.pack(source("alpha", "0.1.0"), out);

    assertThat(other.name()).isEqualTo("alpha");
    assertThat(other.version()).isEqualTo("0.1.0");
    assertThat(other.archive()).isEqualTo(out.resolve("alpha/alpha-0.1.0.zip"));
    assertThat(other.sha256())
        .isEqualTo(PackageArchive.sha256(Files.readAllBytes(other.archive())));
    assertThat(download("alpha", null).sha256()).isEqualTo(other.sha256());
    assertThat(download("pkg", null).manifest().version()).isEqualTo("1.10.0");
    assertThat(download("pkg", "2.0.0-rc.1").manifest().version()).isEqualTo("2.0.0-rc.1");
    assertThat(download("pkg", "1.9.0").manifest().version()).isEqualTo("1.9.0");
    assertThat(out.resolve("index.json"))
        .content()
        .isEqualTo(
            """
            {"packages":[{"name":"alpha","description":"A description.","version":"0.1.0"},\
            {"name":"pkg","description":"A description.","version":"1.10.0"}]}
            """);
    try (Stream<Path> files = Files.walk(out)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(2 + 6 + 1);
    }
  }

  @Test
  void pack_sameFiles_isTheSameBytesWhateverTheirTimes() throws Exception {
    Path folder = source("pkg", "1.0.0");
    Files.createDirectories(folder.resolve("docs"));
    Files.writeString(folder.resolve("docs/b.md"), "b");
    Files.writeString(folder.resolve("a.md"), "a");
    Files.writeString(folder.resolve(".DS_Store"), "hidden");
    Files.createDirectories(folder.resolve(".git"));
    Files.writeString(folder.resolve(".git/config"), "hidden");
    PackResult one = Packer.pack(folder, temp.resolve("one"));
    Files.setLastModifiedTime(folder.resolve("a.md"), FileTime.fromMillis(0));
    PackResult two = Packer.pack(folder, temp.resolve("two"));

    assertThat(two.archive()).hasSameBinaryContentAs(one.archive());
    assertThat(two.sha256()).isEqualTo(one.sha256());
    try (ZipFile zip = new ZipFile(one.archive().toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName))
          .containsExactly("a.md", "agent.json", "docs/b.md");
    }
  }

  @Test
  void pack_sameVersionAgain_isAcceptedUnchangedAndRefusedChanged() throws Exception {
    Path folder = source("pkg", "1.0.0");
    Path out = temp.resolve("out");
    PackResult before = Packer.pack(folder, out);

    assertThat(Packer.pack(folder, out)).isEqualTo(before);
    Files.writeString(folder.resolve("new.md"), "new");
    assertThatThrownBy(() -> Packer.pack(folder, out))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessage("pkg:1.0.0 is there and never changes");
    assertThat(download("pkg", null).sha256()).isEqualTo(before.sha256());
  }

  @Test
  void pack_whatIsNoPackage_isRefusedAndNothingWritten() throws Exception {
    Path folder = source("pkg", "1.0");
    Path out = temp.resolve("out");
    assertThatThrownBy(() -> Packer.pack(folder, out))
        .isInstanceOf(IOException.class)
        .hasMessage("pkg: in agent.json, version must be a SemVer 2.0 version");
    Files.delete(folder.resolve("agent.json"));
    assertThatThrownBy(() -> Packer.pack(folder, out))
        .hasMessage("pkg: the archive has no agent.json at its root");
    Files.createSymbolicLink(folder.resolve("agent.json"), temp.resolve("x"));
    assertThatThrownBy(() -> Packer.pack(folder, out))
        .hasMessage("agent.json is a link or another special file");
    assertThat(out).doesNotExist();
  }

  @Test
  void packBundled_changedAndRemovedSources_leaveNothingOld() throws Exception {
    Path out = temp.resolve("out");
    String[] args = {temp.resolve("sources").toString(), out.toString()};
    Files.createDirectories(out.resolve("unrelated"));
    Files.writeString(out.resolve("unrelated/keep.txt"), "kept");
    Path gone = source("gone", "1.0.0");
    source("pkg", "1.0.0");
    PackBundled.main(args);
    assertThat(download("gone", null).manifest().version()).isEqualTo("1.0.0");
    Files.delete(gone.resolve("agent.json"));
    Files.delete(gone);
    Files.writeString(source("pkg", "1.0.0").resolve("new.md"), "new");
    PackBundled.main(args);

    assertThat(out.resolve("gone")).doesNotExist();
    assertThat(out.resolve("unrelated/keep.txt")).exists();
    assertThat(download("pkg", null).manifest().version()).isEqualTo("1.0.0");
    assertThat(out.resolve("index.json")).content().doesNotContain("gone");
  }
}
