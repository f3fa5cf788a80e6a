package io.coterie.deletion;

import io.coterie.deletion.DeletionDao.Identified;
import io.coterie.deletion.DeletionDao.Numbered;
import io.coterie.deletion.Deletions.Kind;
import io.coterie.storage.Tx;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Removes rows of what is deleted, in one transaction and as many as its portion allows: children
 * before the row that they hang on, by which they are found.
 */
final class Removal {

  private final DeletionDao dao;
  private final Portion portion;

  Removal(Tx tx, Portion portion) {
    this.dao = tx.use(DeletionDao.class);
    this.portion = portion;
  }

  /** Answers whether nothing is left of it. */
  boolean of(Deletion deletion) {
    boolean done = rowsOf(deletion.kind(), deletion.itemId());
    if (done) {
      dao.forget(deletion.kind().stored(), deletion.itemId());
    }
    return done;
  }

  private boolean rowsOf(Kind kind, UUID id) {
    return switch (kind) {
      case CHAT -> chat(id);
      case WORKSPACE -> workspace(id);
      case USER -> user(id);
    };
  }

  private boolean chat(UUID id) {
    return portion.remove(
            limit -> dao.events(id, limit),
            events -> dao.deleteEvents(id, events.get(events.size() - 1).seq()))
        && portion.remove(limit -> dao.marks(id, limit), marks -> deleteMarks(id, marks))
        && portion.remove(limit -> dao.runs(id, limit), this::deleteRuns)
        && portion.remove(
            limit -> dao.messages(id, limit),
            messages -> dao.deleteMessages(id, messages.get(messages.size() - 1).seq()));
  }

  private void deleteMarks(UUID chatId, List<Identified> marks) {
    dao.noteMarksOwner(chatId);
    dao.deleteMarks(chatId, marks.get(marks.size() - 1).id());
  }

  private void deleteRuns(List<Identified> runs) {
    dao.deleteTexts(runs);
    dao.deleteRuns(runs);
  }

  private boolean workspace(UUID id) {
    return all(Kind.CHAT, () -> dao.chatOfWorkspace(id))
        && portion.remove(
            limit -> dao.workspaceAgents(id, limit),
            agents -> dao.deleteWorkspaceAgents(id, agents.get(agents.size() - 1).name()));
  }

  private boolean user(UUID id) {
    return all(Kind.WORKSPACE, () -> dao.workspaceOfUser(id))
        && all(Kind.CHAT, () -> dao.chatOfUser(id))
        && portion.remove(
            limit -> dao.agentsOfUser(id, limit), agents -> dao.deleteAgents(agents, id))
        && portion.remove(
            limit -> dao.installedBy(id, limit), agents -> dao.installedByNobody(agents, id))
        && portion.remove(limit -> dao.usage(id, limit), days -> dao.deleteUsage(days, id))
        && portion.remove(
            limit -> dao.markGroups(id, limit), groups -> deleteMarkGroups(id, groups));
  }

  private void deleteMarkGroups(UUID ownerId, List<Numbered> groups) {
    dao.deleteMarkGroups(ownerId, groups.get(groups.size() - 1).seq());
    dao.forgetMarksOwner(ownerId);
  }

  /** Removes one after the other, each with all it has. */
  private boolean all(Kind kind, Supplier<Optional<UUID>> next) {
    while (!portion.isSpent()) {
      UUID id = next.get().orElse(null);
      if (id == null) {
        return true;
      }
      hold(kind, id);
      if (!rowsOf(kind, id)) {
        return false;
      }
      delete(kind, id);
      portion.countRow();
    }
    return false;
  }

  /** Waits for whoever is adding something to it; from now on that finds it gone. */
  private void hold(Kind kind, UUID id) {
    var unused = kind == Kind.CHAT ? dao.lockChat(id) : dao.lockWorkspace(id);
  }

  private void delete(Kind kind, UUID id) {
    if (kind == Kind.CHAT) {
      dao.deleteChat(id);
    } else {
      dao.deleteWorkspace(id);
    }
  }
}
