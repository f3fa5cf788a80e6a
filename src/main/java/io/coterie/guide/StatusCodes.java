package io.coterie.guide;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what the help says about an HTTP status that a question names among other words, as in "my
 * script gets 401, why?".
 */
final class StatusCodes {

  private static final Pattern CODE =
      Pattern.compile("(?<![\\w.,$€£#:/-])([45]\\d\\d)(?![\\w%$€£:/-]|[.,]\\d)");
  private static final Pattern QUANTITY =
      Pattern.compile("(?i)\\bhow (?:many|much|long|old|far|big)\\b");

  private StatusCodes() {}

  /**
   * The sections whose title begins with the code; none for a question with a word that the help
   * does not know, as its number may be one of anything.
   */
  static List<HelpSection> sections(String question, List<HelpSection> all, boolean unknown) {
    Matcher code = CODE.matcher(question);
    if (unknown || !code.find() || QUANTITY.matcher(question).find()) {
      return List.of();
    }
    String status = code.group(1);
    return all.stream().filter(section -> section.title().startsWith(status + " ")).toList();
  }
}
