package io.coterie.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import io.coterie.storage.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a crash left open in a run: delegates and tools that clients were told had begun. They are
 * told that each has ended, the last one begun first.
 */
final class OpenParts {

  private static final int PAGE = 500;

  private record Part(String type, ObjectNode data) {

    boolean isEndedBy(String otherType, JsonNode other) {
      return type.equals(otherType)
          && List.of("agent_id", "name", "parent_agent_id", "depth").stream()
              .allMatch(field -> Objects.equals(data.get(field), other.get(field)));
    }
  }

  private OpenParts() {}

  /** Ends them as part of a change of the run's chat. */
  static void close(ChatLog.Append append, Tx tx, RunRow run) {
    List<Part> open = read(tx.use(LogDao.class), run);
    for (int i = open.size() - 1; i >= 0; i--) {
      Part part = open.get(i);
      part.data().put("status", "failed");
      if (part.type().equals(Events.TOOL)) {
        part.data().put("summary", "The server stopped.");
      }
      append.event(part.type(), part.data());
    }
  }

  private static List<Part> read(LogDao dao, RunRow run) {
    List<Part> open = new ArrayList<>();
    long seq = run.turnSeq();
    List<EventRow> page;
    do {
      page = dao.eventsAfter(run.chatId(), seq, PAGE);
      for (EventRow row : page) {
        seq = row.seq();
        if (row.type().equals(Events.AGENT) || row.type().equals(Events.TOOL)) {
          take(open, row, run);
        }
      }
    } while (page.size() == PAGE);
    return open;
  }

  private static void take(List<Part> open, EventRow row, RunRow run) {
    ObjectNode data = parse(row.data());
    boolean ofRun = data.path("run_id").asText().equals(run.runId().toString());
    boolean itself = row.type().equals(Events.AGENT) && data.path("depth").asInt() == 0;
    String status = data.path("status").asText();
    if (!ofRun || itself || status.equals("skipped")) {
      return;
    }
    if (status.equals("started")) {
      open.add(new Part(row.type(), data));
      return;
    }
    for (int i = open.size() - 1; i >= 0; i--) {
      if (open.get(i).isEndedBy(row.type(), data)) {
        open.remove(i);
        return;
      }
    }
  }

  private static ObjectNode parse(String data) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored event is no JSON", e);
    }
  }
}
