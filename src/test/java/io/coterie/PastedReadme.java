package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coterie.http.Json;
import io.coterie.model.ScriptedProvider;
import io.coterie.tools.ToolProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The README's walk and recipes, pasted in their order as they are printed, into one shell in a
 * folder that is like the project's, with a model that is scripted. Only the port is another, and
 * the tool program that npm would have to be asked for.
 */
final class PastedReadme {

  private static final String NPX =
      "[\"npx\",\"-y\",\"@modelcontextprotocol/server-filesystem\",\"$PWD/my-agents/notes\"]";

  private final Path folder;
  private final ScriptedProvider provider;
  private final Shell shell;
  private final Map<String, String> printed = new HashMap<>();
  private ServerProcess server;

  private PastedReadme(Path folder, ScriptedProvider provider, Shell shell) {
    this.folder = folder;
    this.provider = provider;
    this.shell = shell;
  }

  /** Pastes what these documents have; answers what was printed under each heading. */
  static Map<String, String> paste(Path folder, String... documents) throws IOException {
    assumeTrue(Shell.has("curl", "--version"), "curl is not installed");
    Files.copy(Path.of("run.sh"), folder.resolve("run.sh"));
    assertThat(folder.resolve("run.sh").toFile().setExecutable(true)).isTrue();
    Files.createDirectory(folder.resolve("target"));
    Files.copy(ServerProcess.JAR, folder.resolve("target/coterie.jar"));
    try (ScriptedProvider provider = ScriptedProvider.start().usually(new ReadmeModel()::play);
        Shell shell = Shell.open(folder)) {
      PastedReadme pasted = new PastedReadme(folder, provider, shell);
      try {
        pasted.paste(List.of(documents));
      } finally {
        pasted.server.close();
      }
      return pasted.printed;
    }
  }

  private void paste(List<String> documents) throws IOException {
    serve();
    for (Readme.Block block : Readme.shellBlocks()) {
      if (!documents.contains(block.document())) {
        continue;
      }
      switch (block.mark()) {
        case "restart" -> {
          stop();
          serve(arguments(block.code()));
        }
        case "stopped" -> {
          stop();
          paste(block);
          serve();
        }
        default -> paste(block);
      }
    }
  }

  private void paste(Readme.Block block) throws IOException {
    String code = block.code().replace("http://127.0.0.1:7070", server.url());
    printed.merge(block.section(), shell.paste(withOurTools(code)), String::concat);
  }

  private void stop() {
    server.terminate();
    server.awaitExit();
  }

  private void serve(String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("provider.scripted.type=openai");
    settings.add("provider.scripted.base-url=" + provider.baseUrl());
    settings.add("provider.scripted.api-key=" + ScriptedProvider.KEY);
    settings.add("model.default=scripted/model");
    server = ServerProcess.serve(folder, settings.toArray(String[]::new));
    shell.paste("API=" + server.url());
  }

  /** The settings in a printed command that starts the server. */
  static String[] arguments(String command) {
    String[] words = command.strip().split(" ");
    assertThat(words[0]).isEqualTo("./run.sh");
    return Arrays.stream(words).skip(1).map(w -> w.replaceFirst("^--", "")).toArray(String[]::new);
  }

  /** Fails where something is left that {@code git status} would list. */
  static void assertNothingForGit(Path folder) throws IOException {
    List<String> ignored = Files.readAllLines(Path.of(".gitignore"));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .contains("data", "target")
          .allMatch(name -> name.equals("run.sh") || ignored.contains(name + "/"));
    }
  }

  private String withOurTools(String code) throws IOException {
    if (!code.contains("\"npx\"")) {
      return code;
    }
    assertThat(code).contains(NPX);
    List<String> command = ToolProgram.stdioCommand();
    // Its class path is too long for a word of a command.
    Path rest =
        Files.writeString(
            folder.resolve("target/arguments"),
            command.stream()
                .skip(1)
                .map(word -> '"' + word.replace("\\", "\\\\") + '"')
                .collect(Collectors.joining("\n")));
    return code.replace(NPX, Json.write(List.of(command.get(0), "@" + rest)));
  }
}
