package io.coterie;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the README shows as code. */
final class Readme {

  /**
   * A block of code.
   *
   * @param chapter the heading of the second level that it stands under
   * @param section the heading of any level
   * @param mark the comment on the line before it; empty where there is none
   */
  record Block(String chapter, String section, String mark, String language, String code) {}

  private Readme() {}

  /** All blocks, in their order. */
  static List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    String chapter = "";
    String section = "";
    String mark = "";
    String language = null;
    StringBuilder code = new StringBuilder();
    for (String line : lines()) {
      if (language != null && line.equals("```")) {
        blocks.add(new Block(chapter, section, mark, language, code.toString()));
        language = null;
        code.setLength(0);
      } else if (language != null) {
        code.append(line).append('\n');
      } else if (line.startsWith("```")) {
        language = line.substring(3);
      } else {
        chapter = line.startsWith("## ") ? line.substring(3) : chapter;
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

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of("README.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
