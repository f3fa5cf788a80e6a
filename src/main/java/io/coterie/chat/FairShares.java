package io.coterie.chat;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The places of one kind of runs, shared among the users who want them: whoever has the fewest runs
 * going is next, those who have equally many take turns, and one user's chats come in the order in
 * which they became ready. Not thread-safe.
 */
final class FairShares {

  /** What one user has here. */
  private static final class Share {
    /** The chats whose next run is this user's and of this kind. */
    final Deque<UUID> ready = new ArrayDeque<>();

    int running;
    int waiting;

    /** Grows each time the user comes, begins a run or ends one: the lowest has waited longest. */
    long turn;
  }

  private final RunLimits limits;
  private final Map<UUID, Share> shares = new HashMap<>();

  /** Those who could begin a run; the first is next. */
  private final TreeSet<Share> next =
      new TreeSet<>(
          Comparator.<Share>comparingInt(share -> share.running)
              .thenComparingLong(share -> share.turn));

  private long turns;
  private int running;
  private int waiting;

  FairShares(RunLimits limits) {
    this.limits = limits;
  }

  int running() {
    return running;
  }

  int waiting() {
    return waiting;
  }

  /** Takes a place to wait in; false where the user, or everybody together, has no more of them. */
  boolean reserve(UUID userId) {
    Share share = shares.get(userId);
    int its = share == null ? 0 : share.waiting + share.running;
    if (waiting + running >= limits.waiting() + limits.concurrent()
        || its >= limits.waitingOfUser() + limits.concurrentOfUser()) {
      return false;
    }
    wait(userId);
    return true;
  }

  /** Takes a place to wait in, whatever waits already. */
  void wait(UUID userId) {
    waiting++;
    change(userId, share -> share.waiting++);
  }

  /** Gives back a place to wait in. */
  void leave(UUID userId) {
    waiting--;
    change(userId, share -> share.waiting--);
  }

  /** The chat's next run is that user's. */
  void ready(UUID userId, UUID chatId) {
    change(
        userId,
        share -> {
          if (share.ready.isEmpty()) {
            share.turn = ++turns;
          }
          share.ready.addLast(chatId);
        });
  }

  /** Whether the chat waits for that user's turn. */
  boolean isReady(UUID userId, UUID chatId) {
    Share share = shares.get(userId);
    return share != null && share.ready.contains(chatId);
  }

  /** The chat's next run is not that user's any more. */
  void unready(UUID userId, UUID chatId) {
    change(userId, share -> share.ready.remove(chatId));
  }

  /** Gives a place to the run that is next, and answers its chat; null where there is none. */
  UUID begin() {
    if (running >= limits.concurrent() || next.isEmpty()) {
      return null;
    }
    Share share = next.pollFirst();
    share.turn = ++turns;
    UUID chatId = share.ready.removeFirst();
    move(share, 1);
    consider(share);
    return chatId;
  }

  /** The run that was begun for that chat has not begun after all, and is next again. */
  void putBack(UUID userId, UUID chatId) {
    change(
        userId,
        share -> {
          share.ready.addFirst(chatId);
          move(share, -1);
        });
  }

  /** A run of that user is over. */
  void end(UUID userId) {
    running--;
    change(
        userId,
        share -> {
          share.running--;
          share.turn = ++turns;
        });
  }

  private void move(Share share, int begun) {
    share.running += begun;
    share.waiting -= begun;
    running += begun;
    waiting -= begun;
  }

  /** Whatever decides who is next must not change while the share is among those. */
  private void change(UUID userId, Consumer<Share> change) {
    Share share = shares.computeIfAbsent(userId, id -> new Share());
    next.remove(share);
    change.accept(share);
    consider(share);
    if (share.running == 0 && share.waiting == 0) {
      shares.remove(userId);
    }
  }

  private void consider(Share share) {
    if (!share.ready.isEmpty() && share.running < limits.concurrentOfUser()) {
      next.add(share);
    }
  }
}
