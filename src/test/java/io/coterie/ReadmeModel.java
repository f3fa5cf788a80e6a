package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.model.ScriptedProvider.Line;
import io.coterie.model.ToolCall;
import io.coterie.model.WireFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A model that plays the recipes' agents, each told by its instructions. What it says has in it
 * what it was asked, or what its tools answered. Thread-safe.
 */
final class ReadmeModel {

  private static final WireFormat FORMAT = WireFormat.OPENAI;
  private static final long PATIENCE_SECONDS = 20;

  /** The two whom the planner asks at once go on only when both are there. */
  private final CyclicBarrier both = new CyclicBarrier(2);

  /** Answers one request. */
  void play(Line line) throws IOException {
    JsonNode messages = line.request().body().path("messages");
    String instructions = messages.path(0).path("content").asText();
    String question = "";
    List<String> results = new ArrayList<>();
    for (JsonNode message : messages) {
      String content = message.path("content").asText();
      switch (message.path("role").asText()) {
        case "user" -> question = content;
        case "tool" -> results.add(content);
        default -> {}
      }
    }
    if (instructions.startsWith(opening("planner"))) {
      plan(line, question, results);
    } else if (instructions.startsWith("Write a packing list")) {
      use(line, results, "calculator", "message", "3*2", "Shirts: ");
    } else if (instructions.startsWith("Answer from the files")) {
      use(line, results, "echo", "text", "serviced on 3 March", "flat.md says: ");
    } else {
      say(line, alone(instructions) + question);
    }
  }

  private String alone(String instructions) throws IOException {
    if (instructions.startsWith(opening("email-writer"))) {
      return "E-mail: ";
    } else if (instructions.startsWith(opening("researcher"))) {
      awaitBoth();
      return "Found: ";
    } else if (instructions.startsWith(opening("critic"))) {
      awaitBoth();
      return "Objected: ";
    } else if (instructions.startsWith(opening("writing-editor"))) {
      return "Edited: ";
    } else if (instructions.startsWith("Answer every message with one haiku")) {
      return "Haiku: ";
    }
    throw new IOException("Whose are these? " + instructions);
  }

  private static void plan(Line line, String question, List<String> results) throws IOException {
    switch (results.size()) {
      case 0 ->
          FORMAT
              .asking(
                  "",
                  call("researcher", "message", "Facts: " + question),
                  call("critic", "message", "Doubts: " + question))
              .play(line);
      case 2 ->
          FORMAT
              .asking("", call("writing-editor", "message", String.join("; ", results)))
              .play(line);
      default -> say(line, "Briefing: " + results.get(2));
    }
  }

  /** Asks for a tool once, and then says what that answered. */
  private static void use(
      Line line, List<String> results, String tool, String parameter, String value, String begin)
      throws IOException {
    if (results.isEmpty()) {
      FORMAT.asking("", call(tool, parameter, value)).play(line);
    } else {
      say(line, begin + results.get(0));
    }
  }

  private static ToolCall call(String tool, String parameter, String value) {
    return ToolCall.of("call-" + tool, tool, AppFixture.object(parameter, value).toString());
  }

  private static void say(Line line, String text) throws IOException {
    line.open(FORMAT).send(FORMAT.text(text)).send(FORMAT.end(7, 3)).end();
  }

  private static String opening(String name) throws IOException {
    return Files.readAllLines(Path.of("src/main/packages", name, "instructions.md")).get(0);
  }

  private void awaitBoth() throws IOException {
    try {
      both.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IOException("The other one was not asked at the same time", e);
    }
  }
}
