package io.coterie;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the README, and the recipes that go on from it, show as code. */
final class Readme {

  /** Where the walk is, which every recipe begins with. */
  static final String README = "README.md";

  static final String AGENTS = "src/main/resources/docs/recipes-agents.md";
  static final String SCRIPTS = "src/main/resources/docs/recipes-scripts.md";
  static final String LIVE = "src/main/resources/docs/live-connections.md";

  /**
   * A block of code.
   *
   * @param section the heading that it stands under, of any level
   * @param mark the comment on the line before it; empty where there is none
   */
  record Block(String document, String section, String mark, String language, String code) {}

  private Readme() {}

  /** All blocks, in their order. */
  static List<Block> blocks() {
    return Stream.of(README, AGENTS, SCRIPTS, LIVE).flatMap(it -> blocks(it).stream()).toList();
  }

  private static List<Block> blocks(String document) {
    List<Block> blocks = new ArrayList<>();
    String section = "";
    String mark = "";
    String language = null;
    StringBuilder code = new StringBuilder();
    for (String line : lines(document)) {
      if (language != null && line.equals("```")) {
        blocks.add(new Block(document, section, mark, language, code.toString()));
        language = null;
        code.setLength(0);
      } else if (language != null) {
        code.append(line).append('\n');
      } else if (line.startsWith("```")) {
        language = line.substring(3);
      } else {
        section = line.startsWith("#") ? line.replaceFirst("#+ ", "") : section;
        mark = line.startsWith("<!-- ") ? line.substring(5, line.indexOf(" -->")) : "";
      }
    }
    return blocks;
  }

  /** The code of the block with that mark. */
  static String marked(String mark) {
    return blocks().stream()
        .filter(block -> block.mark().equals(mark))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no block is marked " + mark))
        .code();
  }

  /** All that is pasted into a shell, from the walk on. */
  static List<Block> shellBlocks() {
    return blocks().stream()
        .filter(block -> block.language().equals("sh"))
        .dropWhile(block -> !block.mark().equals("walk"))
        .toList();
  }

  private static List<String> lines(String document) {
    try {
      return Files.readAllLines(Path.of(document));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
