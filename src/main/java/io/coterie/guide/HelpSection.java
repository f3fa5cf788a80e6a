package io.coterie.guide;

import java.util.List;
import java.util.stream.Stream;

/**
 * One answer of the bundled help.
 *
 * @param id the title in lower case with dashes, unique over all documents
 * @param title the heading
 * @param asks how people ask for it
 * @param body Markdown, without the heading
 */
record HelpSection(String id, String title, List<String> asks, String body) {

  /** All ways to ask for it, the title among them. */
  List<String> questions() {
    return Stream.concat(asks.stream(), Stream.of(title)).toList();
  }
}
