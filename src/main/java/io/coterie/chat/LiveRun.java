package io.coterie.chat;

import io.coterie.agent.AgentRunner.Cost;
import io.coterie.model.Cancellation;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A run that is being worked on, and the text it has so far. The text is guarded by the chat's
 * lock; how it ends is decided once, by whoever comes first.
 */
final class LiveRun {

  final RunRow row;
  final UUID chatId;
  final String agentId;
  final Cancellation cancellation = new Cancellation();

  /**
   * A piece of the text to be saved.
   *
   * @param startAt where it begins, in UTF-16 units
   */
  record Piece(int startAt, String text) {}

  /**
   * From which length on a saved piece stays as it is, and what follows begins another: so a long
   * reply costs by its length, and has a few hundred pieces at most.
   */
  private static final int WHOLE_PIECE = 4_000;

  private final StringBuilder text = new StringBuilder();
  private final WholeCharacters characters = new WholeCharacters();
  private int savedUpTo;
  private volatile boolean saved;
  private RunStatus end;
  private volatile Supplier<List<Cost>> costs;

  LiveRun(RunRow row, String agentId) {
    this.row = row;
    this.chatId = row.chatId();
    this.agentId = agentId;
    this.costs = () -> List.of(new Cost(agentId, null, 0, 0, 0));
  }

  /** What each of its agents has used so far. */
  List<Cost> costs() {
    return costs.get();
  }

  /** Says where that can be read. */
  void costs(Supplier<List<Cost>> current) {
    costs = current;
  }

  UUID runId() {
    return row.runId();
  }

  String text() {
    return text.toString();
  }

  int length() {
    return text.length();
  }

  /** What is to be saved now: all that is in no whole piece yet. */
  Piece unsaved() {
    saved = true;
    return new Piece(savedUpTo, text.substring(savedUpTo));
  }

  /** That piece has been saved. */
  void saved(Piece piece) {
    if (piece.text().length() >= WHOLE_PIECE) {
      savedUpTo = piece.startAt() + piece.text().length();
    }
  }

  /** Whether any text may have been saved; true before it is. */
  boolean mayBeSaved() {
    return saved;
  }

  /** Adds a piece and answers what of it can be shown. */
  String append(String piece) {
    String shown = characters.add(piece);
    text.append(shown);
    return shown;
  }

  /** A piece of the reply as clients are told of it. */
  ChatEvent delta(int offset, String piece) {
    return ChatEvent.unstored(
        Events.DELTA, new Events.Delta(runId(), row.replyId(), agentId, offset, piece));
  }

  /** Decides how this run ends and stops its work; false where that was decided before. */
  boolean end(RunStatus status) {
    synchronized (this) {
      if (end != null) {
        return false;
      }
      end = status;
    }
    if (status != RunStatus.COMPLETED) {
      cancellation.cancel();
    }
    return true;
  }

  synchronized RunStatus endedAs() {
    return end;
  }
}
