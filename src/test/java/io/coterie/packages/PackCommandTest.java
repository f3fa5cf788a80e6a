package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** pack DIR [OUT], as far as it needs no process of its own. */
class PackCommandTest {

  private record Outcome(int code, List<String> out, List<String> err) {}

  @TempDir Path temp;

  private static Outcome run(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = new String[args.length + 1];
    words[0] = "pack";
    for (int i = 0; i < args.length; i++) {
      words[i + 1] = args[i].toString();
    }
    assertThat(PackCommand.isMeant(words)).isTrue();
    int code =
        PackCommand.run(
            words,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code,
        out.toString(StandardCharsets.UTF_8).lines().toList(),
        err.toString(StandardCharsets.UTF_8).lines().toList());
  }

  private Path folder(String manifest) throws IOException {
    Path folder = Files.createDirectories(temp.resolve("my-agent"));
    Files.writeString(folder.resolve("agent.json"), manifest);
    return folder;
  }

  private static void failed(Outcome outcome, int code, String line) {
    assertThat(outcome).isEqualTo(new Outcome(code, List.of(), List.of(line)));
  }

  @Test
  void pack_goodFolder_tellsWhatWasWritten() throws Exception {
    Path folder = folder(PackageServer.manifest("mine", "1.2.3", ""));
    Path out = temp.resolve("out");
    Outcome outcome = run(folder, out);
    Path zip = out.resolve("mine/mine-1.2.3.zip");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out())
        .containsExactly(
            "Packed mine:1.2.3",
            "  " + zip,
            "  sha256 " + PackageArchive.sha256(Files.readAllBytes(zip)),
            "  listed in " + out.resolve("mine/index.json") + " and " + out.resolve("index.json"),
            "A server finds it with registry.urls=file:" + out + ",own:,bundled:");
    assertThat(run(folder, out)).isEqualTo(outcome);
  }

  @Test
  void pack_wrongPackage_isOneLineThatNamesFolderFileAndField() throws Exception {
    Path out = temp.resolve("out");
    Path folder = folder(PackageServer.manifest("mine", "1.2", ""));
    failed(run(folder, out), 1, "my-agent: in agent.json, version must be a SemVer 2.0 version");
    failed(
        run(folder(PackageServer.manifest("mine", "1.2.3", ",\"max_steps\":0")), out),
        1,
        "my-agent: in agent.json, max_steps must be a whole number from 1 to 100");
    failed(run(folder("{"), out), 1, "my-agent: agent.json is not valid JSON");
    Files.delete(folder.resolve("agent.json"));
    failed(run(folder, out), 1, "my-agent: the archive has no agent.json at its root");
    assertThat(out).doesNotExist();
  }

  @Test
  void pack_changedWithoutANewVersion_isRefused() throws Exception {
    Path out = temp.resolve("out");
    run(folder(PackageServer.manifest("mine", "1.0.0", "")), out);
    failed(
        run(folder(PackageServer.manifest("mine", "1.0.0", ",\"license\":\"MIT\"")), out),
        1,
        "mine:1.0.0 is there and never changes");
  }

  @Test
  void pack_pathsThatCannotBeUsed_areToldInOneLine() throws Exception {
    Path folder = folder(PackageServer.manifest("mine", "1.0.0", ""));
    Path nowhere = temp.resolve("nowhere");
    failed(run(nowhere), 1, nowhere + " is no folder");
    Path file = Files.writeString(temp.resolve("file"), "");
    failed(run(file, temp.resolve("out")), 1, file + " is no folder");
    Outcome intoAFile = run(folder, file);
    assertThat(intoAFile.code()).isEqualTo(1);
    assertThat(intoAFile.err()).hasSize(1).first().asString().startsWith(file.toString());
    Path inside = folder.resolve("a/registry");
    failed(
        run(folder, inside),
        2,
        inside + " is inside " + folder + ": name a registry elsewhere, as in pack DIR OUT");
    assertThat(folder.resolve("a")).doesNotExist();
  }

  @Test
  void pack_wrongUsage_tellsTheUsage() {
    String usage = "usage: pack DIR [OUT]   (OUT is ./registry where none is given)";
    failed(run(), 2, usage);
    failed(run("a", "b", "c"), 2, usage);
    failed(run("--help"), 2, usage);
    failed(run(""), 2, usage);
    failed(run("a\u0000b"), 2, "not a path: a\u0000b");
    assertThat(PackCommand.isMeant(new String[] {"--help"})).isFalse();
    assertThat(PackCommand.isMeant(new String[0])).isFalse();
  }
}
