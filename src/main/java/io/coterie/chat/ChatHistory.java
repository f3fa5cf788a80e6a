package io.coterie.chat;

import io.coterie.agent.AgentChooser;
import io.coterie.agent.AgentRunner.Team;
import io.coterie.agent.AgentRunner.Turn;
import io.coterie.storage.Database;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What an agent is told of a chat: what was said before, and who is to answer. Thread-safe. */
final class ChatHistory {

  /**
   * Messages are read in pages until the budget is spent, so that a long chat costs no more than a
   * short one.
   */
  private static final int PAGE = 30;

  private final ChatDao chats;
  private final LogDao log;
  private final AgentChooser chooser;

  ChatHistory(Database database, AgentChooser chooser) {
    this.chats = database.reader(ChatDao.class);
    this.log = database.reader(LogDao.class);
    this.chooser = chooser;
  }

  /**
   * Which agent answers a message.
   *
   * @param userId in whose name that is done
   */
  record Answering(UUID userId, AgentChooser.Choice choice) {}

  /** Which agent answers a message in this chat; empty where the chat is gone. */
  Optional<Answering> answering(UUID chatId, String text) {
    return answering(chats, chatId, text);
  }

  private Optional<Answering> answering(ChatDao dao, UUID chatId, String text) {
    return dao.target(chatId)
        .map(
            target ->
                new Answering(
                    target.ownerId(),
                    chooser.choose(
                        text,
                        target.ownerId(),
                        target.coordinatorAgent(),
                        dao.workspaceAgents(target.workspaceId()))));
  }

  /** As {@link #answering}, where the chat need not be there. */
  AgentChooser.Choice choose(UUID chatId, String text) {
    return choose(chats, chatId, text);
  }

  /** As {@link #choose(UUID, String)}, as part of a transaction. */
  AgentChooser.Choice choose(ChatDao dao, UUID chatId, String text) {
    return answering(dao, chatId, text)
        .map(Answering::choice)
        .orElseGet(() -> chooser.choose(text, null, null, List.of()));
  }

  /** Which agent answers in a chat that is to be made in a workspace, which need not be there. */
  AgentChooser.Choice chooseIn(UUID workspaceId, UUID userId, String text) {
    return Optional.ofNullable(workspaceId)
        .flatMap(chats::targetIn)
        .map(
            target ->
                chooser.choose(
                    text, userId, target.coordinatorAgent(), chats.workspaceAgents(workspaceId)))
        .orElseGet(() -> chooser.choose(text, userId, null, List.of()));
  }

  /** The agents of the chat's workspace. */
  Team team(UUID chatId) {
    return chats
        .target(chatId)
        .map(
            target ->
                new Team(target.coordinatorAgent(), chats.workspaceAgents(target.workspaceId())))
        .orElse(Team.NONE);
  }

  /**
   * The newest messages of the turns before {@code turnSeq} that fit the budget, oldest first. A
   * message that was queued behind the one to be answered belongs to a later turn, although it may
   * have been stored before the reply. Of a turn that was retried the newest reply counts.
   *
   * @param budget in UTF-16 units
   */
  List<Turn> before(UUID chatId, long turnSeq, int budget) {
    List<MessageRow> fitting = new ArrayList<>();
    long before = turnSeq;
    long left = budget;
    List<MessageRow> page;
    do {
      page = log.turnsBefore(chatId, before, PAGE);
      for (MessageRow message : withoutReplaced(page)) {
        left -= message.content().length();
        if (left < 0) {
          return turns(fitting);
        }
        fitting.add(message);
        before = message.turnSeq();
      }
    } while (page.size() == PAGE);
    return turns(fitting);
  }

  /** Of each turn the newest reply and the user's message, also where the page ends before that. */
  private List<MessageRow> withoutReplaced(List<MessageRow> page) {
    List<MessageRow> current = new ArrayList<>();
    MessageRow last = null;
    for (MessageRow message : page) {
      boolean newTurn = last == null || last.turnSeq() != message.turnSeq();
      if (newTurn || message.role().equals(MessageRow.USER)) {
        current.add(message);
      }
      last = message;
    }
    if (last != null && !last.role().equals(MessageRow.USER)) {
      current.addAll(log.messagesBetween(last.chatId(), last.turnSeq() - 1, last.turnSeq()));
    }
    return current;
  }

  private static List<Turn> turns(List<MessageRow> newestFirst) {
    Collections.reverse(newestFirst);
    newestFirst.sort(Comparator.comparingLong(MessageRow::turnSeq));
    return newestFirst.stream()
        .map(message -> new Turn(message.role().equals(MessageRow.USER), message.content()))
        .toList();
  }
}
