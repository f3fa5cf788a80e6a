package io.coterie.user;

import io.coterie.storage.Database;
import java.util.UUID;
import java.util.function.Predicate;

/** Who is an administrator at the moment. Thread-safe. */
public final class Admins implements Predicate<UUID> {

  private final UserDao users;

  public Admins(Database database) {
    this.users = database.reader(UserDao.class);
  }

  @Override
  public boolean test(UUID userId) {
    return users
        .find(userId)
        .filter(user -> User.ADMIN.equals(user.role()) && !user.disabled())
        .isPresent();
  }
}
