package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.Story;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.ScriptedProvider.Line;
import io.coterie.model.WireFormat;
import java.io.IOException;
import java.util.Random;

/**
 * A model whose replies can be told from the messages, and that fails in all the ways that
 * providers do; nobody's words may come to it together with another's. Thread-safe.
 */
final class FaultyProvider implements AutoCloseable {

  private final ScriptedProvider provider = ScriptedProvider.start().keepNothing();
  private final Story story = new Story();
  private final Random random;
  private final Findings findings;
  private final Figures figures;
  private volatile boolean isGood;

  FaultyProvider(long seed, Findings findings, Figures figures) {
    this.random = new Random(seed);
    this.findings = findings;
    this.figures = figures;
    provider.usually(this::play);
  }

  String[] settings() {
    return new String[] {
      "provider.scripted.type=openai",
      "provider.scripted.base-url=" + provider.baseUrl(),
      "provider.scripted.api-key=" + ScriptedProvider.KEY,
      "model.default=scripted/story",
      // A provider that hangs is given up soon, so that others have their turn.
      "model.first-token-timeout=4s",
      "model.idle-timeout=4s",
      "agents.max-history-size=4000"
    };
  }

  /** From now on nothing fails, and replies take no time. */
  void beGood() {
    isGood = true;
    story.hurry();
  }

  @Override
  public void close() {
    provider.close();
  }

  private void play(Line line) throws IOException {
    JsonNode messages = line.request().body().path("messages");
    String all = messages.toString();
    findings.check(
        Markers.users(all).size() <= 1 && Markers.chats(all).size() <= 1,
        "a model was given the words of several chats",
        all);
    int choice = isGood ? 99 : random.nextInt(100);
    int some = 1 + random.nextInt(10);
    if (choice < 4) {
      fault("429");
      line.answer(429, "application/json", error("slow down"), "Retry-After: 1");
    } else if (choice < 8) {
      fault("500");
      line.answer(500, "application/json", error("out of order"));
    } else if (choice < 10) {
      fault("hangs before the first word");
      line.awaitHangUp();
    } else if (choice < 12) {
      fault("hangs in the middle");
      story.begin(line, some);
      line.awaitHangUp();
    } else if (choice < 15) {
      fault("cut");
      story.begin(line, some);
      line.cut();
    } else if (choice < 18) {
      fault("garbage");
      story.begin(line, some);
      line.send("data: {\"choices\": [<html>\n\n").end();
    } else if (choice < 20) {
      fault("answers nonsense");
      line.answer(200, "text/html", "<html>It works!</html>");
    } else {
      figures.count("provider: whole replies");
      story.play(line);
    }
  }

  private void fault(String what) {
    figures.count("provider: " + what);
  }

  private static String error(String message) {
    return WireFormat.OPENAI.errorBody("scripted", message);
  }
}
