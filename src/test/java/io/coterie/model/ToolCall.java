package io.coterie.model;

import java.util.List;

/**
 * A tool call that a scripted model makes.
 *
 * @param pieces its arguments, a JSON object, as they are split between events where the format
 *     splits them; none for no arguments
 */
public record ToolCall(String id, String name, List<String> pieces) {

  public ToolCall {
    pieces = List.copyOf(pieces);
  }

  /** A call whose arguments come in two pieces, or in none where they are empty. */
  public static ToolCall of(String id, String name, String arguments) {
    int half = arguments.length() / 2;
    return new ToolCall(
        id,
        name,
        arguments.isEmpty()
            ? List.of()
            : List.of(arguments.substring(0, half), arguments.substring(half)));
  }

  /** A call whose arguments come one UTF-16 unit at a time. */
  public static ToolCall inUnits(String id, String name, String arguments) {
    return new ToolCall(
        id, name, arguments.chars().mapToObj(c -> String.valueOf((char) c)).toList());
  }
}
