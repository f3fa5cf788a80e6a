package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client makes of a chat that it follows over one connection after another, and whether what
 * it is told adds up: stored events come once each, in order and without a gap; a piece of a reply
 * begins no later than where the text that the client has ends; a reply as it is stored is the text
 * that its pieces made. Thread-safe.
 */
public final class Transcript {

  private final boolean streams;
  private final List<JsonNode> stored = new ArrayList<>();

  /** By run, since the client connected last: it is brought up to date with pieces from 0 on. */
  private final Map<String, StringBuilder> replies = new HashMap<>();

  private boolean live;
  private String fault;
  private int catchUps;
  private int compared;

  /**
   * @param streams whether every piece is told of; else replies in progress are told of now and
   *     then
   */
  public Transcript(boolean streams) {
    this.streams = streams;
  }

  /** A connection begins. */
  public synchronized void connected() {
    replies.clear();
    live = false;
  }

  public synchronized void accept(JsonNode event) {
    if (fault != null) {
      return;
    }
    if (event.has("seq")) {
      store(event);
    } else if (event.path("event").asText().equals("delta")) {
      add(event.path("data"));
    }
  }

  /** The number of the last stored event. */
  public synchronized long lastSeq() {
    return stored.size();
  }

  /** The stored events. */
  public synchronized List<JsonNode> stored() {
    return List.copyOf(stored);
  }

  /** The first thing that did not add up; null for none. */
  public synchronized String fault() {
    return fault;
  }

  /** How many replies that were under way were brought up to date. */
  public synchronized int catchUps() {
    return catchUps;
  }

  /** How many stored replies were compared with the pieces they came in. */
  public synchronized int compared() {
    return compared;
  }

  private void store(JsonNode event) {
    long expected = stored.size() + 1;
    if (event.path("seq").asLong() != expected) {
      fault = "expected " + expected + " but there came " + event;
      return;
    }
    stored.add(event);
    if (event.path("event").asText().equals("message")) {
      compare(event.path("data"));
    }
  }

  private void add(JsonNode delta) {
    StringBuilder text =
        replies.computeIfAbsent(delta.path("run_id").asText(), run -> new StringBuilder());
    int offset = delta.path("offset").asInt(-1);
    if (offset < 0 || offset > text.length()) {
      fault = "there are " + text.length() + " units of the text, and then came " + delta;
      return;
    }
    if (!live && text.isEmpty()) {
      catchUps++;
    }
    // From the first piece on the client is told of everything as it happens.
    live = true;
    text.setLength(offset);
    text.append(delta.path("text").asText());
  }

  private void compare(JsonNode message) {
    StringBuilder text = replies.remove(message.path("run_id").asText());
    if (text == null && !(live && streams)) {
      return;
    }
    String pieces = text == null ? "" : text.toString();
    String whole = message.path("content").asText();
    if (!(streams ? whole.equals(pieces) : whole.startsWith(pieces))) {
      fault = "the pieces made <" + pieces + "> of " + message;
    }
    compared++;
  }
}
