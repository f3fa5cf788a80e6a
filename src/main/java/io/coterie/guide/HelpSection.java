package io.coterie.guide;

import java.util.List;

/**
 * One answer of the bundled help.
 *
 * @param id the title in lower case with dashes, unique over all documents
 * @param title the heading
 * @param asks how people ask for it
 * @param body Markdown, without the heading
 */
record HelpSection(String id, String title, List<String> asks, String body) {}
