package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.agent.AgentManifest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageArchiveTest {
  private static final int MB = 1 << 20;
  private final CraftedZip zip = CraftedZip.sound("pkg", "1.0.0");

  @Test
  void read_soundArchive_returnsItsManifest() throws Exception {
    zip.comment = "made by hand".getBytes(StandardCharsets.UTF_8);

    AgentManifest manifest = PackageArchive.read(zip.bytes(), "pkg", "1.0.0");

    assertThat(manifest.agentId()).isEqualTo("pkg");
    assertThat(manifest.instructions()).isEqualTo("Do it.");
  }

  @Test
  void read_instructionsFileInAFolderAndOtherFiles_isAccepted() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream java = new ZipOutputStream(out)) {
      String json =
          CraftedZip.manifest("pkg", "1.0.0")
              .replace("\"instructions\":\"Do it.\"", "\"instructions_file\":\"docs/é.md\"");
      put(java, "docs/", "");
      put(java, "docs/é.md", "\uFEFFÜbersetze.");
      put(java, "README.md", "Read me. ".repeat(500));
      put(java, "agent.json", json);
    }
    assertThat(PackageArchive.read(out.toByteArray(), "pkg", "1.0.0").instructions())
        .isEqualTo("Übersetze.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.bin", "data/WEIGHTS.BIN", "bin/readme.md", ".bin", "a.exe.txt"})
  void read_dataWhoseNameIsNoProgramsName_isAccepted(String name) throws Exception {
    zip.add(name, "data");
    assertThat(PackageArchive.read(zip.bytes(), "pkg", "1.0.0").agentId()).isEqualTo("pkg");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run.exe", "lib/x.SO", "a.bin.sh"})
  void read_programs_areRefused(String name) {
    zip.add(name, "x");
    refused(name + " is a program, and a package holds none");
  }

  private static void put(ZipOutputStream zip, String name, String text) throws Exception {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void read_otherHash_isRefusedBeforeTheArchiveIsOpened() {
    byte[] bytes = "no zip at all".getBytes(StandardCharsets.UTF_8);
    PackageIndex.Entry promised = new PackageIndex.Entry("1.0.0", "pkg.zip", "0".repeat(64));

    assertThatThrownBy(() -> PackageArchive.read(bytes, "pkg", promised))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("SHA-256 differs");
  }

  @Test
  void sha256_knownInput_isTheStandardsDigest() {
    assertThat(PackageArchive.sha256("abc".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void read_otherNameOrVersion_isRefused() {
    refused("agent_id in agent.json is not other", zip.bytes(), "other", "1.0.0");
    refused("version in agent.json is not 1.0.1", zip.bytes(), "pkg", "1.0.1");
    refused("version in agent.json is not 1.0.0+x", zip.bytes(), "pkg", "1.0.0+x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ../evil.md       | leads out of it
          a/../../evil.md  | leads out of it
          ..               | leads out of it
          /etc/passwd      | absolute path
          /                | absolute path
          C:/evil.md       | absolute path
          c:evil.md        | absolute path
          a\\b.md          | backslash
          ..\\evil.md      | backslash
          a//b.md          | not plain
          ./a.md           | not plain
          a/./b.md         | not plain
          agent.json       | twice
          AGENT.json       | twice
          agent.json/x     | twice
          agent.json/      | twice
          """)
  void read_badName_isRefused(String name, String message) {
    zip.add(name, name.endsWith("/") ? "" : "x");
    refused(message);
  }

  @Test
  void read_namesWithNulOrNotUtf8OrEmpty_areRefused() {
    zip.add("a\0.md", "x");
    refused("control characters");
    zip.entries.get(1).name = new byte[] {'a', (byte) 0xE9};
    refused("not UTF-8");
    zip.entries.get(1).name = new byte[0];
    refused("not plain");
  }

  @Test
  void read_namesEqualOnlyWhenComposedOrFolded_areRefused() {
    zip.add("caf\u00e9.md", "x");
    zip.add("CAFE\u0301.md", "x");
    refused("twice");
  }

  @ParameterizedTest
  @ValueSource(ints = {0xA1FF, 0x11A4, 0x21A4, 0x61A4, 0xC1A4, 0x41ED})
  void read_linkOrSpecialFileOrFolderWithContent_isRefused(int mode) {
    zip.add("x", "/etc/passwd").mode = mode;
    refused("a link or another special file");
  }

  @Test
  void read_modesOfFilesAndFolders_areAccepted() throws Exception {
    zip.entries.get(0).mode = 0x81A4;
    zip.add("docs/", "").mode = 0x41ED;

    assertThat(PackageArchive.read(zip.bytes()).agentId()).isEqualTo("pkg");
  }

  @Test
  void read_thousandEntries_isAcceptedAndOneMoreRefused() throws Exception {
    for (int i = 1; i < 1_000; i++) {
      zip.add("f" + i, "");
    }
    assertThat(PackageArchive.read(zip.bytes()).agentId()).isEqualTo("pkg");
    zip.add("more", "");
    refused("more than 1000 entries");
  }

  @Test
  void read_expandingOverTheLimitTogether_isRefused() {
    byte[] noise = new byte[26 * MB];
    new Random(1).nextBytes(noise);
    byte[] half = Arrays.copyOf(noise, 13 * MB);
    // Half noise and half zeros: compresses to two, far from a suspicious ratio.
    zip.deflate("a", Arrays.copyOf(half, 26 * MB));
    zip.deflate("b", Arrays.copyOf(half, 26 * MB));
    refused("expands to more than 50 MB");
  }

  @Test
  void read_compressedOver200ToOne_isRefusedFromOneMegabyteOn() throws Exception {
    zip.deflate("zeros", new byte[MB]);
    assertThat(PackageArchive.read(zip.bytes()).agentId()).isEqualTo("pkg");
    zip.deflate("more", new byte[2 * MB]);
    refused("compressed beyond belief");
  }

  @Test
  void read_bombThatDeclaresASmallSize_isRefusedWhileInflating() {
    CraftedZip.Entry bomb = zip.deflate("bomb", new byte[64 * MB]);
    bomb.size = 10;
    bomb.localSize = 10;
    refused("compressed beyond belief");
  }

  @Test
  void read_entryInsideTheDataOfAnother_isRefused() {
    CraftedZip inner = new CraftedZip();
    inner.add("b", "x");
    int start = 30 + "agent.json".length() + zip.entries.get(0).data.length;
    zip.add("a", Arrays.copyOf(inner.bytes(), 30 + "b".length() + 1));
    zip.add("b", "x").offset = start + 30 + "a".length();
    refused("the archive is damaged");
  }

  @Test
  void read_entryThatPointsToTheHeaderOfAnother_isRefused() {
    zip.add("b", "x").offset = 0;
    refused("contradicts itself");
  }

  @Test
  void read_localHeaderWithAnotherName_isRefused() {
    CraftedZip.Entry entry = zip.add("notes.md", "x");
    entry.localName = "agent.jsn".getBytes(StandardCharsets.UTF_8);
    refused("contradicts itself");
  }

  @Test
  void read_localHeaderWithAnotherSize_isRefused() {
    zip.entries.get(0).localSize++;
    refused("contradicts itself");
  }

  @Test
  void read_wrongChecksumOrSize_isRefused() {
    CraftedZip.Entry stored = zip.add("a", "abc");
    stored.crc++;
    refused("contradicts itself");
    zip.entries.remove(stored);
    CraftedZip.Entry deflated = zip.deflate("a", "abcabcabc".getBytes(StandardCharsets.UTF_8));
    deflated.size--;
    deflated.localSize--;
    refused("contradicts itself");
    deflated.size++;
    deflated.localSize++;
    deflated.data = Arrays.copyOf(deflated.data, deflated.data.length + 3);
    refused("contradicts itself");
    deflated.data = Arrays.copyOf(deflated.data, 2);
    refused("damaged");
    deflated.data = new byte[] {7, 7, 7, 7};
    refused("damaged");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1, 0x40, 0x2000})
  void read_encryptedEntry_isRefused(int flag) {
    zip.add("secret", "x").flags = flag;
    refused("encrypted");
  }

  @Test
  void read_otherCompression_isRefused() {
    zip.add("a", "x").method = 14;
    refused("compression that is not supported");
  }

  @Test
  void read_countThatIsNotTheNumberOfEntries_isRefused() {
    zip.add("a", "x");
    zip.declaredEntries = 1;
    refused("damaged");
    zip.declaredEntries = 3;
    refused("damaged");
  }

  @Test
  void read_bytesBeforeOrAfterTheArchive_areRefused() {
    byte[] sound = zip.bytes();
    refused("not a zip archive", Arrays.copyOf(sound, sound.length + 1), "pkg", "1.0.0");
    byte[] moved = new byte[sound.length + 5];
    System.arraycopy(sound, 0, moved, 5, sound.length);
    refused("damaged", moved, "pkg", "1.0.0");
  }

  @Test
  void read_noZip_isRefused() {
    refused("not a zip archive", new byte[0], "pkg", "1.0.0");
    refused("not a zip archive", new byte[100], "pkg", "1.0.0");
    refused("not a zip archive", "PK\3\4 and more".getBytes(StandardCharsets.UTF_8), "pkg", "1");
  }

  @Test
  void read_everyTruncationAndFlippedByte_isAcceptedOrRefusedButNeverFails() {
    zip.deflate("notes.md", "some notes, some notes".getBytes(StandardCharsets.UTF_8));
    byte[] sound = zip.bytes();
    int refusals = 0;
    for (int i = 0; i < sound.length; i++) {
      byte[] flipped = sound.clone();
      flipped[i] ^= (byte) 0xFF;
      refusals += isRefused(flipped) ? 1 : 0;
      assertThat(isRefused(Arrays.copyOf(sound, i))).isTrue();
    }
    assertThat(refusals).isGreaterThan(sound.length / 2);
  }

  private static boolean isRefused(byte[] bytes) {
    try {
      PackageArchive.read(bytes, "pkg", "1.0.0");
      return false;
    } catch (RefusedException e) {
      return true;
    }
  }

  @Test
  void read_missingManifest_isRefused() {
    zip.entries.clear();
    zip.add("sub/agent.json", CraftedZip.manifest("pkg", "1.0.0"));
    refused("no agent.json at its root");
    zip.entries.clear();
    refused("no agent.json at its root");
  }

  @Test
  void read_manifestOverOneMegabyte_isRefused() {
    zip.entries.clear();
    byte[] noise = new byte[MB];
    new Random(1).nextBytes(noise);
    zip.add("agent.json", noise);
    refused("agent.json is not UTF-8");
    zip.entries.clear();
    zip.add("agent.json", Arrays.copyOf(noise, MB + 1));
    refused("agent.json is over 1 MB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"agent_id"                                 | agent.json is not valid JSON
          []                                          | agent.json is not a JSON object
          {"agent_id":"pkg","agent_id":"pkg"}         | agent.json is not valid JSON
          {"agent_id":"guide"}                        | in agent.json, agent_id guide is built in
          {"agent_id":"pkg","version":"1"}            | in agent.json, version must be a SemVer 2.0
          """)
  void read_badManifest_isRefused(String json, String message) {
    zip.entries.clear();
    zip.add("agent.json", json);
    refused(message);
  }

  @Test
  void read_badInstructionsFile_isRefused() {
    String json =
        CraftedZip.manifest("pkg", "1.0.0")
            .replace("\"instructions\":\"Do it.\"", "\"instructions_file\":\"i.md\"");
    zip.entries.clear();
    zip.add("agent.json", json);
    refused("instructions_file must be a file of the package");
    zip.add("i.md", new byte[] {(byte) 0xC3, '('});
    refused("instructions_file is not UTF-8");
    zip.entries.remove(1);
    zip.add("i.md", new byte[MB + 1]);
    refused("i.md is over 1 MB");
    zip.entries.remove(1);
    zip.add("i.md", "x".repeat(100_001));
    refused("the content of instructions_file must be a text of 1 to 100000");
  }

  private void refused(String message) {
    refused(message, zip.bytes(), "pkg", "1.0.0");
  }

  private static void refused(String message, byte[] bytes, String name, String version) {
    assertThatThrownBy(() -> PackageArchive.read(bytes, name, version))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(message);
  }
}
