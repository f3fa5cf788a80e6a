package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that any client was told of one chat, over any transport, to be held against what the
 * server has after it died. Thread-safe.
 */
public final class ChatRecord {

  public final String token;
  public final String chatId;

  private final Map<Long, JsonNode> told = new TreeMap<>();
  private final Map<Long, JsonNode> accepted = new TreeMap<>();
  private final Map<String, JsonNode> messages = new HashMap<>();
  private final Map<String, String> texts = new HashMap<>();
  private Map<String, String> earlierTexts = Map.of();

  public ChatRecord(String token, String chatId) {
    this.token = token;
    this.chatId = chatId;
  }

  /** A client was sent these events, in this order. */
  public synchronized void told(List<JsonNode> events) {
    Map<String, StringBuilder> assembled = new HashMap<>();
    for (JsonNode event : events) {
      JsonNode data = event.path("data");
      if (event.has("seq")) {
        JsonNode before = told.put(event.path("seq").asLong(), event);
        assertThat(before == null ? event : before).as("told twice").isEqualTo(event);
      } else if (event.path("event").asText().equals("delta")) {
        StringBuilder text =
            assembled.computeIfAbsent(data.path("run_id").asText(), id -> new StringBuilder());
        assertThat(data.path("offset").asInt()).isLessThanOrEqualTo(text.length());
        text.setLength(data.path("offset").asInt());
        text.append(data.path("text").asText());
      }
    }
    assembled.forEach(
        (run, text) ->
            texts.merge(run, text.toString(), (a, b) -> a.length() < b.length() ? b : a));
  }

  /** A sender was answered 202. */
  public synchronized void accepted(JsonNode body) {
    accepted.put(body.path("seq").asLong(), body);
  }

  /** A client was given a message itself: as the answer to one that waited, or in the history. */
  public synchronized void given(JsonNode message) {
    messages.put(message.path("message_id").asText(), message);
  }

  /** The highest number that any client knows of. */
  public synchronized long lastSeq() {
    return told.keySet().stream().mapToLong(seq -> seq).max().orElse(0);
  }

  /** What clients have of each reply by now must survive. */
  public synchronized void textsMustBeSaved() {
    earlierTexts = Map.copyOf(texts);
  }

  /**
   * Holds the record against the stored events and the history; all runs are to have ended.
   *
   * @return how many runs ended in each way
   */
  public synchronized Map<String, Integer> check(List<JsonNode> stored, List<JsonNode> history) {
    for (int i = 0; i < stored.size(); i++) {
      assertThat(stored.get(i).path("seq").asLong()).as("a gap").isEqualTo(i + 1);
    }
    told.forEach((seq, event) -> assertThat(at(stored, seq)).as("told").isEqualTo(event));
    accepted.forEach((seq, body) -> checkAccepted(at(stored, seq), body));
    Map<String, JsonNode> storedMessages = new LinkedHashMap<>();
    history.forEach(m -> storedMessages.put(m.path("message_id").asText(), m));
    assertThat(storedMessages).as("messages").containsAllEntriesOf(messages);
    assertThat(storedMessages.keySet()).containsExactlyElementsOf(idsIn(stored));
    Map<String, Integer> endings = checkRuns(stored, storedMessages);
    texts.clear();
    earlierTexts = Map.of();
    return endings;
  }

  private JsonNode at(List<JsonNode> stored, long seq) {
    assertThat(seq).as("%s in chat %s", told.get(seq), chatId).isLessThanOrEqualTo(stored.size());
    return stored.get((int) seq - 1);
  }

  /** The number is that of the message, or that of the run where the message is an older one. */
  private static void checkAccepted(JsonNode event, JsonNode body) {
    boolean isMessage = event.path("event").asText().equals("feedback");
    String name = isMessage ? "message_id" : "run_id";
    assertThat(event.path("data").path(name)).as("accepted").isEqualTo(body.path(name));
  }

  private static List<String> idsIn(List<JsonNode> stored) {
    return stored.stream()
        .filter(e -> List.of("feedback", "message").contains(e.path("event").asText()))
        .map(e -> e.path("data").path("message_id").asText())
        .toList();
  }

  private Map<String, Integer> checkRuns(
      List<JsonNode> stored, Map<String, JsonNode> storedMessages) {
    Map<String, List<String>> states = new LinkedHashMap<>();
    Map<String, String> questions = new HashMap<>();
    Map<String, JsonNode> replies = new HashMap<>();
    Set<String> errors = new HashSet<>();
    String running = null;
    for (JsonNode event : stored) {
      JsonNode data = event.path("data");
      String run = data.path("run_id").asText();
      if (event.path("event").asText().equals("error")) {
        assertThat(errors.add(run)).as("a second error of one run: %s", data).isTrue();
        assertThat(run).as("an error outside its run: %s", data).isEqualTo(running);
      } else if (event.path("event").asText().equals("message")) {
        assertThat(replies.put(run, data)).as("a second reply of one run").isNull();
        assertThat(run).as("a reply outside its run").isEqualTo(running);
      } else if (event.path("event").asText().equals("run")) {
        String status = data.path("status").asText();
        states.computeIfAbsent(run, id -> new ArrayList<>()).add(status);
        questions.put(run, data.path("message_id").asText());
        if (status.equals("running")) {
          assertThat(running).as("two runs at once").isNull();
          running = run;
        } else if (run.equals(running)) {
          running = null;
        }
      }
    }
    accepted.values().forEach(b -> assertThat(states).containsKey(b.path("run_id").asText()));
    Map<String, Integer> endings = new TreeMap<>();
    states.forEach(
        (run, statuses) -> {
          String question = storedMessages.get(questions.get(run)).path("content").asText();
          assertThat(statuses.contains("failed"))
              .as("failed, says why")
              .isEqualTo(errors.contains(run));
          checkRun(run, statuses, Story.replyTo(question), replies.get(run));
          endings.merge(statuses.get(statuses.size() - 1), 1, Integer::sum);
        });
    return endings;
  }

  private void checkRun(String run, List<String> statuses, String expected, JsonNode reply) {
    assertThat(String.join(" ", statuses))
        .as("states of a run")
        .matches("queued (running (completed|cancelled|interrupted|failed)|cancelled)");
    String end = statuses.get(statuses.size() - 1);
    String kept = reply == null ? "" : reply.path("content").asText();
    assertThat(expected).startsWith(kept).startsWith(texts.getOrDefault(run, ""));
    if (reply != null) {
      assertThat(reply.path("status").asText()).isEqualTo(end);
    }
    if (end.equals("completed")) {
      assertThat(kept).isEqualTo(expected);
    } else {
      assertThat(kept).as("text kept of a reply").startsWith(earlierTexts.getOrDefault(run, ""));
    }
  }
}
