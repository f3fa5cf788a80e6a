package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A model's replies that can be told from the messages they answer, piece by piece, and take a
 * while until they are {@linkplain #hurry hurried}. Thread-safe.
 */
public final class Story {

  private static final String ECHO = "@echo ";
  private static final int MAX_PIECES = 60;
  private static final long PAUSE_MILLIS = 60;

  private volatile CountDownLatch hurry = new CountDownLatch(1);

  /** What a message is to be answered with, by whoever answers it. */
  public static String replyTo(String message) {
    return message.startsWith(ECHO)
        ? message.substring(ECHO.length())
        : String.join("", pieces(message));
  }

  /** From now on, replies take no time. */
  public void hurry() {
    hurry.countDown();
  }

  /** From now on, replies take up to some seconds. */
  void takeTime() {
    hurry = new CountDownLatch(1);
  }

  /** Answers the last message of a request, as a provider in OpenAI's format. */
  public void play(ScriptedProvider.Line line) throws IOException {
    begin(line, MAX_PIECES + 1);
    line.send(WireFormat.OPENAI.end(7, 3)).end();
  }

  /** Answers with the first so many pieces of the reply, and leaves the rest to the caller. */
  public void begin(ScriptedProvider.Line line, int count) throws IOException {
    JsonNode messages = line.request().body().path("messages");
    String message = messages.path(messages.size() - 1).path("content").asText();
    List<String> pieces = pieces(message);
    line.open(WireFormat.OPENAI);
    for (String piece : pieces.subList(0, Math.min(count, pieces.size()))) {
      pause();
      line.send(WireFormat.OPENAI.text(piece));
    }
  }

  private void pause() {
    try {
      var unused = hurry.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> pieces(String message) {
    Random random = new Random(message.hashCode());
    List<String> pieces = new ArrayList<>();
    pieces.add("«" + message + "» ");
    for (int i = random.nextInt(MAX_PIECES); i > 0; i--) {
      pieces.add(random.nextInt(10) == 0 ? "😀 " : Integer.toString(random.nextInt(), 36) + " ");
    }
    return pieces;
  }
}
