package io.coterie.endure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An account, as its owner knows it. Its password is changed by one thread alone. Thread-safe. */
final class User {

  final int number;
  final String email;
  final String marker;
  final List<Space> spaces = new CopyOnWriteArrayList<>();

  private volatile String token;
  private volatile String password;
  private volatile int epoch;
  private volatile boolean changing;

  User(int number, String email, String password) {
    this.number = number;
    this.email = email;
    this.password = password;
    this.marker = Markers.ofUser(number);
  }

  String token() {
    return token;
  }

  String password() {
    return password;
  }

  /** Logged in. */
  void token(String newToken) {
    token = newToken;
  }

  /** From here on, until {@link #changed}, what was good may be refused. */
  void change() {
    changing = true;
    epoch++;
  }

  /** What was good before is good no more. */
  void changed(String newPassword, String newToken) {
    password = newPassword;
    token = newToken;
    epoch++;
    changing = false;
  }

  /** Counts up with each change. */
  int epoch() {
    return epoch;
  }

  /** Whether the credentials are not what they were then. */
  boolean hasChangedSince(int earlier) {
    return changing || epoch != earlier;
  }

  /** Chats that nobody has begun to delete. */
  List<Chat> chats() {
    return spaces.stream().flatMap(space -> space.chats.stream()).filter(Thing::isAlive).toList();
  }

  /** Workspaces that nobody has begun to delete. */
  List<Space> aliveSpaces() {
    return spaces.stream().filter(Thing::isAlive).toList();
  }
}
