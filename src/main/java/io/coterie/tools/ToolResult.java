package io.coterie.tools;

/**
 * What a tool answered. Immutable.
 *
 * @param text what there is to read of it; other content is named, not included
 * @param isError whether the tool itself says that it failed
 */
public record ToolResult(String text, boolean isError) {}
