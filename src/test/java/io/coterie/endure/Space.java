package io.coterie.endure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A workspace. */
final class Space extends Thing {

  final User owner;
  final String id;
  final List<Chat> chats = new CopyOnWriteArrayList<>();

  Space(User owner, String id) {
    this.owner = owner;
    this.id = id;
  }

  @Override
  void become(State next) {
    super.become(next);
    for (Chat chat : chats) {
      // A chat that is gone stays gone, whatever becomes of the workspace.
      if (chat.state() != State.DELETED) {
        chat.become(next);
      }
    }
  }
}
