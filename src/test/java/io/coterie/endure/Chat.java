package io.coterie.endure;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.ChatRecord;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A chat, with what anybody was told of it and who follows it. */
final class Chat extends Thing {

  private static final AtomicLong NUMBERS = new AtomicLong();

  final User owner;
  final String id;
  final String marker;
  final ChatRecord record;
  final List<Follower> followers = new CopyOnWriteArrayList<>();

  private volatile boolean written;

  /**
   * @param marker what its messages are known by
   */
  Chat(User owner, String id, String marker) {
    this.owner = owner;
    this.id = id;
    this.marker = marker;
    this.record = new ChatRecord(owner.token(), id);
  }

  static String newMarker() {
    return Markers.ofChat(NUMBERS.incrementAndGet());
  }

  /** A message of its own for this chat. */
  String text(Random random) {
    String echo = random.nextInt(3) == 0 ? "@echo " : "";
    return echo + words(owner, marker, random);
  }

  static String words(User owner, String marker, Random random) {
    return "Tell me of " + owner.marker + " " + marker + " " + Long.toString(random.nextLong(), 36);
  }

  /** A sender was told that a message is stored. */
  void accepted(JsonNode body) {
    record.accepted(body);
    written = true;
  }

  /** Whether a message with the marker is known to be stored. */
  boolean isWritten() {
    return written;
  }
}
