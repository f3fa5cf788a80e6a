package io.coterie.guide;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the documents under {@code docs/} that the guide answers from; the others there, recipes,
 * are for reading alone. Each second-level heading begins a section; a comment {@code <!-- ask: … |
 * … -->} in it, which no reader sees, lists how people ask for it.
 */
final class HelpDocs {

  /** The documents, in the order in which they are read. */
  static final List<String> FILES =
      List.of(
          "getting-started.md", "agents.md", "chat-api.md", "operating.md", "troubleshooting.md");

  private static final Pattern HEADING = Pattern.compile("^## (.+)$", Pattern.MULTILINE);
  private static final Pattern ASK = Pattern.compile("<!--\\s*ask:(.*?)-->", Pattern.DOTALL);

  private static final Pattern LEADING_BLANK_LINES = Pattern.compile("^(?:\\h*\\R)+");

  private HelpDocs() {}

  /** All sections of the bundled documents. */
  static List<HelpSection> bundled() {
    List<HelpSection> all = new ArrayList<>();
    for (String file : FILES) {
      all.addAll(sections(read(file)));
    }
    return List.copyOf(all);
  }

  static String read(String file) {
    try (InputStream in = HelpDocs.class.getResourceAsStream("/docs/" + file)) {
      if (in == null) {
        throw new IllegalStateException("The bundled help lacks " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sections of one document. */
  static List<HelpSection> sections(String markdown) {
    List<HelpSection> sections = new ArrayList<>();
    Matcher heading = HEADING.matcher(markdown);
    boolean found = heading.find();
    while (found) {
      String title = heading.group(1).strip();
      int start = heading.end();
      found = heading.find();
      sections.add(
          section(title, markdown.substring(start, found ? heading.start() : markdown.length())));
    }
    return sections;
  }

  private static HelpSection section(String title, String text) {
    List<String> asks = new ArrayList<>();
    Matcher ask = ASK.matcher(text);
    while (ask.find()) {
      for (String phrase : ask.group(1).split("\\|")) {
        if (!phrase.isBlank()) {
          asks.add(phrase.strip());
        }
      }
    }
    return new HelpSection(
        id(title), title, List.copyOf(asks), withoutBlankEnds(ask.replaceAll("")));
  }

  /** Only blank lines go: the indent of a first line may be what makes it code. */
  private static String withoutBlankEnds(String text) {
    return LEADING_BLANK_LINES.matcher(text).replaceFirst("").stripTrailing();
  }

  private static String id(String title) {
    return title
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9 -]", "")
        .strip()
        .replaceAll("[ -]+", "-");
  }
}
